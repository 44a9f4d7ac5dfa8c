import { equal, HASH_BYTES, type Hash, hex, sha256, subtle, unbase64 } from "./hashes.js";

const ED25519 = 1;
const DASH = "\u2014"; // the em dash that begins a signature line
// Python's line ends: both verifiers must read a text alike.
const ENDS = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

const SIZE = /^(?:0|[1-9][0-9]{0,14})$/;

/** The note is not signed by a key that is trusted. */
export class NoteRefusedError extends Error {
  override readonly name = "NoteRefusedError";
}

/** A named public key, such as `tuneledger.example/1f…`. */
export interface Verifier {
  name: string;
  id: Hash;
  key: Hash;
}

/** The head of a tree: the log's origin, the number of leaves, and their root. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Hash;
}

/** Parse name+id+key. Throws NoteRefusedError if it is not one, or the id belongs to another key. */
export async function verifierOf(text: string): Promise<Verifier> {
  const parts = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text.trim());
  const decoded = unbase64(parts?.[3] ?? "");
  const [name, id] = [parts?.[1], parts?.[2]];
  if (name === undefined || decoded === undefined) throw new NoteRefusedError("this is not a verifier key");
  const nameLine = new TextEncoder().encode(`${name}\n`);
  const keyId = (await sha256(nameLine, decoded)).slice(0, 4);
  if (decoded[0] !== ED25519 || decoded.length !== HASH_BYTES + 1 || hex(keyId) !== id) {
    throw new NoteRefusedError("this is not a verifier key of Ed25519");
  }
  return { name, id: keyId, key: decoded.slice(1) };
}

/** Verify a note and return its text. Throws NoteRefusedError without a trusted signature, or with a wrong one. */
export async function opened(note: string, trusted: readonly Verifier[]): Promise<string> {
  const gap = note.lastIndexOf("\n\n");
  const lines = note.slice(gap + 2);
  if (gap === -1 || !lines.endsWith("\n")) throw new NoteRefusedError("this is not a signed note");
  const signed = note.slice(0, gap + 1);
  let isSigned = false;
  for (const line of lines.split(ENDS)) {
    for (const verifier of trusted) if (await isSignatureOf(verifier, line, signed)) isSigned = true;
  }
  if (!isSigned) throw new NoteRefusedError("no key that is trusted has signed this");
  return signed;
}

/** Whether this line is the verifier's signature. Throws NoteRefusedError if it claims to be but is wrong. */
async function isSignatureOf(verifier: Verifier, line: string, signed: string): Promise<boolean> {
  const [first, last] = [line.indexOf(" "), line.lastIndexOf(" ")];
  const name = line.slice(first + 1, Math.max(first + 1, last));
  if (line.slice(0, Math.max(first, 0)) !== DASH || name !== verifier.name) return false;
  const data = unbase64(line.slice(last + 1));
  if (data === undefined || !equal(data.slice(0, 4), verifier.id)) return false;
  const key = await ed25519(verifier.key);
  const text = new TextEncoder().encode(signed);
  if (await subtle().verify("Ed25519", key, data.slice(4), text)) return true;
  throw new NoteRefusedError(`the signature of ${verifier.name} is not of this text`);
}

async function ed25519(key: Hash): Promise<CryptoKey> {
  try {
    return await subtle().importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    throw new Error("the WebCrypto of this platform has no Ed25519: signatures cannot be checked here", {
      cause: error,
    });
  }
}

/** Parse a checkpoint's text; lines after the third are extensions. Throws NoteRefusedError. */
export function checkpointOf(text: string): Checkpoint {
  const [origin, size, encoded] = text.split("\n");
  const root = unbase64(encoded ?? "");
  if (!origin || size === undefined || !SIZE.test(size) || root?.length !== HASH_BYTES) {
    throw new NoteRefusedError("this is not a checkpoint");
  }
  return { origin, size: Number(size), root };
}
