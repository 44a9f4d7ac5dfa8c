import { type Bytes, byteLines } from "../lines.js";
import { Checking, type Head, type Source } from "./checking.js";
import { hex } from "./hashing.js";
import { type Checkpoint, checkpointOf, NoteRefusedError, opened, type Verifier, verifierOf } from "./notes.js";
import { Report } from "./report.js";
import { type Header, isHeader, isLine, leafOf, read } from "./shapes.js";

const FORMAT = "tuneledger-log@1";
const AT_ONCE = 512;

export interface VerifyOptions {
  /** The keys that are trusted, each as name+id+key. */
  keys: readonly string[];
  /** Checkpoints from earlier: the signed notes. */
  kept?: readonly string[];
}

/**
 * Check an export of the log line by line, holding one number a stream: leaves, order, streams, the root, its
 * signature, earlier heads.
 *
 * It asks nobody, trusts the keys it is given, and nothing that the export says of itself. Throws NoteRefusedError for
 * keys that are none.
 */
export async function verifyLog(log: Bytes, options: VerifyOptions): Promise<Report> {
  const trusted = await Promise.all(options.keys.map(verifierOf));
  const report = new Report();
  const lines = byteLines(log);
  const first = await lines.next();
  const header = first.done === true ? undefined : read(first.value);
  if (!isHeader(header) || header.format !== FORMAT) {
    await lines.return();
    report.tell("not_readable", "The file does not begin as an export of a log does.");
    return report;
  }
  const heads = await trustedHeads(header, trusted, options.kept ?? [], report);
  const checking = new Checking(header, report, new Set(heads.map((head) => head.size)));
  for await (const batch of gathered(lines)) await take(checking, header, batch);
  await checking.end();
  await checking.compare(heads);
  report.events = checking.events;
  report.size = header.size;
  report.root = hex(await checking.tree.root());
  return report;
}

/** The keys that an export names itself; none when its first line is no header. */
export async function ownKeys(log: Bytes): Promise<string[]> {
  for await (const line of byteLines(log)) {
    const header = read(line);
    return isHeader(header) ? header.keys : [];
  }
  return [];
}

/** The heads to compare with. Those of the export from earlier only help to name an event, so no key is missed. */
async function trustedHeads(header: Header, trusted: Verifier[], kept: readonly string[], report: Report) {
  if (!header.checkpoint && header.size !== 0) report.tell("signature", "The export has no signed head.");
  const notes: Array<[Source, string]> = [
    ...(header.checkpoint ? [header.checkpoint] : []).map((note): [Source, string] => ["own", note]),
    ...header.earlier.map((note): [Source, string] => ["earlier", note]),
    ...kept.map((note): [Source, string] => ["kept", note]),
  ];
  const heads: Head[] = [];
  for (const [source, note] of notes) {
    const head = await headOf(source, note, trusted, header, source === "earlier" ? new Report() : report);
    if (head !== undefined) heads.push(head);
  }
  return heads;
}

async function headOf(source: Source, note: string, trusted: Verifier[], header: Header, report: Report) {
  const head = await checkpointIn(note, trusted, report);
  if (head === undefined) return undefined;
  if (head.origin !== header.origin) {
    report.tell("signature", `A checkpoint is of another log: ${head.origin}.`);
    return undefined;
  }
  // What stands between the head's end and the one that the export claims would be under no signature.
  if (source === "own" && head.size !== header.size) {
    report.tell("signature", `The signed head is over ${head.size} events, and the export says ${header.size}.`);
  }
  return { ...head, source };
}

async function checkpointIn(note: string, trusted: Verifier[], report: Report): Promise<Checkpoint | undefined> {
  try {
    return checkpointOf(await opened(note, trusted));
  } catch (error) {
    if (!(error instanceof NoteRefusedError)) throw error;
    report.tell("signature", `A checkpoint cannot be trusted: ${error.message}.`);
    return undefined;
  }
}

/** Many lines at a time: the platform hashes them beside each other. */
async function* gathered(lines: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[], void, undefined> {
  let batch: Uint8Array[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

async function take(checking: Checking, header: Header, batch: Uint8Array[]): Promise<void> {
  const values = batch.map(read);
  const leaves = await Promise.all(
    values.map((value) => (value !== undefined && isLine(value) ? leafOf(header.workspace_id, value) : undefined)),
  );
  for (const [at, value] of values.entries()) await checking.take(value, leaves[at]);
}
