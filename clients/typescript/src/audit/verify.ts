import { type Bytes, byteLines } from "../lines.js";
import { Checking } from "./checking.js";
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
 * Check an export of the log in flat memory: leaves, order, streams, the root, its signature, earlier heads.
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
  const checking = new Checking(header, report, new Set(heads.map(({ head }) => head.size)));
  for await (const batch of gathered(lines)) await take(checking, header, batch);
  await checking.end();
  for (const { head, own } of heads) await checking.compare(head, own);
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

/** The heads that a trusted key has signed for this log, and whether each is the export's own. */
async function trustedHeads(header: Header, trusted: Verifier[], kept: readonly string[], report: Report) {
  if (!header.checkpoint && header.size !== 0) report.tell("signature", "The export has no signed head.");
  const notes = [...(header.checkpoint ? [header.checkpoint] : []), ...kept];
  const heads: Array<{ head: Checkpoint; own: boolean }> = [];
  for (const [at, note] of notes.entries()) {
    const head = await headOf(note, trusted, report);
    if (head !== undefined && head.origin !== header.origin) {
      report.tell("signature", `A checkpoint is of another log: ${head.origin}.`);
    } else if (head !== undefined) {
      const own = at === 0 && Boolean(header.checkpoint);
      // What stands between the head's end and the one that the export claims would be under no signature.
      if (own && head.size !== header.size) {
        const detail = `The signed head is over ${head.size} events, and the export says ${header.size}.`;
        report.tell("signature", detail);
      }
      heads.push({ head, own });
    }
  }
  return heads;
}

async function headOf(note: string, trusted: Verifier[], report: Report): Promise<Checkpoint | undefined> {
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
