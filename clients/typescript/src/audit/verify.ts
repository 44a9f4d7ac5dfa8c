import { type Bytes, byteLines } from "../lines.js";
import { Checker, type Head, type Source } from "./checker.js";
import { hex } from "./hashes.js";
import { type Checkpoint, checkpointOf, NoteRefusedError, opened, type Verifier, verifierOf } from "./notes.js";
import { Report } from "./report.js";
import { type Header, isHeader, isLine, leafOf, read } from "./shapes.js";

const FORMAT = "tuneledger-log@1";
const BATCH = 512;

export interface VerifyOptions {
  /** The trusted keys, each as name+id+key. */
  keys: readonly string[];
  /** Signed notes of earlier checkpoints. */
  kept?: readonly string[];
}

/**
 * Verify an export of the log offline, line by line: leaves, order, streams, the root, its signature, and earlier
 * checkpoints. Holds one number per stream.
 *
 * Trusts only `keys`, and nothing that the export says about itself. Throws NoteRefusedError for malformed keys.
 */
export async function verifyLog(log: Bytes, options: VerifyOptions): Promise<Report> {
  const trusted = await Promise.all(options.keys.map(verifierOf));
  const report = new Report();
  const lines = byteLines(log);
  const first = await lines.next();
  const header = first.done === true ? undefined : read(first.value);
  if (!isHeader(header) || header.format !== FORMAT) {
    await lines.return();
    report.add("not_readable", "The file does not begin as an export of a log does.");
    return report;
  }
  const heads = await trustedHeads(header, trusted, options.kept ?? [], report);
  const checker = new Checker(header, report, new Set(heads.map((head) => head.size)));
  for await (const batch of batches(lines)) await take(checker, header, batch);
  await checker.end();
  await checker.compare(heads);
  report.events = checker.events;
  report.size = header.size;
  report.root = hex(await checker.tree.root());
  return report;
}

/** The keys named in the export itself; none if its first line is no header. */
export async function ownKeys(log: Bytes): Promise<string[]> {
  for await (const line of byteLines(log)) {
    const header = read(line);
    return isHeader(header) ? header.keys : [];
  }
  return [];
}

/** The heads to compare with. A bad earlier checkpoint of the export is no finding: it only locates. */
async function trustedHeads(header: Header, trusted: Verifier[], kept: readonly string[], report: Report) {
  if (!header.checkpoint && header.size !== 0) report.add("signature", "The export has no signed head.");
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
    report.add("signature", `A checkpoint is of another log: ${head.origin}.`);
    return undefined;
  }
  // No signature would cover the events between the two sizes.
  if (source === "own" && head.size !== header.size) {
    report.add("signature", `The signed head is over ${head.size} events, and the export says ${header.size}.`);
  }
  return { ...head, source };
}

async function checkpointIn(note: string, trusted: Verifier[], report: Report): Promise<Checkpoint | undefined> {
  try {
    return checkpointOf(await opened(note, trusted));
  } catch (error) {
    if (!(error instanceof NoteRefusedError)) throw error;
    report.add("signature", `A checkpoint cannot be trusted: ${error.message}.`);
    return undefined;
  }
}

/** Batches of lines, which the platform hashes in parallel. */
async function* batches(lines: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[], void, undefined> {
  let batch: Uint8Array[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

async function take(checker: Checker, header: Header, batch: Uint8Array[]): Promise<void> {
  const values = batch.map(read);
  const leaves = await Promise.all(
    values.map((value) => (value !== undefined && isLine(value) ? leafOf(header.workspace_id, value) : undefined)),
  );
  for (const [at, value] of values.entries()) await checker.take(value, leaves[at]);
}
