import { equal, HASH_BYTES, type Hash, hex, sha256, unhex } from "./hashing.js";
import { Tree } from "./merkle.js";
import type { Checkpoint } from "./notes.js";
import type { Report } from "./report.js";
import { type Header, isLine, isTile, type Line, type Tile } from "./shapes.js";

const TILE = 256;
const AT_ONCE = 1_024;

/** One pass over the events. `wanted` are the sizes that heads were signed for, whose roots are kept. */
export class Checking {
  readonly tree = new Tree();
  events = 0;
  #number = 1;
  #size = 0;
  #lastUs = 0;
  #waiting: Hash[] = [];
  readonly #roots = new Map<number, Hash>();
  readonly #versions = new Map<string, number>();
  readonly #recent = new Map<number, Hash>();
  readonly #header: Header;
  readonly #report: Report;
  readonly #wanted: ReadonlySet<number>;

  constructor(header: Header, report: Report, wanted: ReadonlySet<number>) {
    this.#header = header;
    this.#report = report;
    this.#wanted = wanted;
  }

  /** The next line of the file, with the leaf that it gives where it is an event. */
  async take(value: Record<string, unknown> | undefined, leaf: Hash | undefined): Promise<void> {
    this.#number++;
    if (value !== undefined && leaf !== undefined && isLine(value)) return this.#event(value, leaf);
    if (value !== undefined && isTile(value)) return this.#sealed(value);
    const detail = `Line ${this.#number} of the file is neither an event nor sealed leaves.`;
    this.#report.tell("not_readable", detail);
  }

  async end(): Promise<void> {
    await this.#flush();
    const said = this.#header.size;
    if (this.#size > said) {
      const detail = `Event ${said + 1} stands after the last of the export: no head is signed over it.`;
      this.#report.tell("inserted", detail, said + 1);
    } else if (this.#size < said) {
      const detail = `The export ends after event ${this.#size} of ${said}.`;
      this.#report.tell("truncated", detail, this.#size + 1);
    }
  }

  async compare(head: Checkpoint, own: boolean): Promise<void> {
    const root = head.size === 0 ? await sha256() : this.#roots.get(head.size);
    if (root === undefined) {
      const detail = `A head was signed over ${head.size} events, and there are ${this.#size}.`;
      this.#report.tell("removed", detail, this.#size + 1);
    } else if (!equal(root, head.root)) {
      const what = own ? "the signed head" : "a head that was signed earlier";
      const detail = `The first ${head.size} events are not those of ${what}.`;
      this.#report.tell(own ? "root" : "earlier_head", detail);
    }
  }

  async #event(line: Line, leaf: Hash): Promise<void> {
    const following = this.#size + 1;
    if (line.seq > following) this.#report.tell("removed", gone(following, line.seq - 1), following);
    if (line.seq < following) {
      const kind = this.#recent.has(line.seq) ? "inserted" : "reordered";
      this.#report.tell(kind, `Event ${line.seq} stands after event ${following - 1}.`, line.seq);
      return;
    }
    this.#compareWithItself(line, leaf);
    await this.#missing(line.seq - following);
    this.#recent.set(line.seq, leaf);
    this.#recent.delete(line.seq - 4 * TILE);
    this.#waiting.push(leaf);
    this.#size++;
    this.events++;
    if (this.#wanted.has(this.#size) || this.#waiting.length >= AT_ONCE) await this.#flush();
  }

  #compareWithItself(line: Line, leaf: Hash): void {
    const { seq, version, stream_id } = line;
    if (hex(leaf) !== line.leaf) {
      this.#report.tell("altered", `Event ${seq} does not give its leaf: what it says was changed.`, seq);
    }
    const before = this.#versions.get(stream_id) ?? 0;
    if (version !== before + 1) {
      const detail = `Event ${seq} is version ${version} of its stream, after version ${before}.`;
      this.#report.tell(version > before ? "removed" : "reordered", detail, seq);
    }
    if (line.recorded_us < this.#lastUs) {
      this.#report.tell("reordered", `Event ${seq} was recorded before the one that it follows.`, seq);
    }
    this.#versions.set(stream_id, version);
    this.#lastUs = Math.max(this.#lastUs, line.recorded_us);
  }

  /** What is missing keeps its place, so that what follows keeps its own. */
  async #missing(count: number): Promise<void> {
    if (count === 0) return;
    await this.#flush();
    const end = this.#size + count;
    const stops = [...this.#wanted].filter((size) => size > this.#size && size < end).sort((one, two) => one - two);
    for (const stop of [...stops, end]) {
      await this.tree.addMissing(stop - this.#size);
      this.#size = stop;
      await this.#keepRoot();
    }
  }

  async #flush(): Promise<void> {
    await this.tree.add(this.#waiting);
    this.#waiting = [];
    await this.#keepRoot();
  }

  async #keepRoot(): Promise<void> {
    if (this.#wanted.has(this.#size)) this.#roots.set(this.#size, await this.tree.root());
  }

  /** Compare the leaves of what the events say with those that were sealed: these name the event. */
  #sealed(tile: Tile): void {
    const hashes = unhex(tile.hashes);
    if (hashes?.length !== TILE * HASH_BYTES) {
      this.#report.tell("not_readable", `The sealed leaves of tile ${tile.tile} are not readable.`);
      return;
    }
    for (let at = 0; at < TILE; at++) {
      const seq = tile.tile * TILE + at + 1;
      const found = this.#recent.get(seq);
      if (found !== undefined && !equal(found, hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES))) {
        this.#report.tell("altered", `Event ${seq} is not what was sealed.`, seq);
      }
    }
  }
}

function gone(first: number, last: number): string {
  return first === last ? `Event ${first} is missing.` : `Events ${first} to ${last} are missing.`;
}
