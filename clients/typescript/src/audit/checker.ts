import { equal, HASH_BYTES, type Hash, hex, sha256, unhex } from "./hashes.js";
import { Tree } from "./merkle.js";
import type { Checkpoint } from "./notes.js";
import type { Kind, Report } from "./report.js";
import { type Header, isLine, isTile, type Line, type Tile } from "./shapes.js";

const TILE = 256;
const BATCH = 1_024;
const NO_HASH = new Uint8Array();
const WINDOW = 4 * TILE; // leaves in memory: the events of a tile precede it
const MAX_FINDINGS = 1_000;

export type Source = "own" | "earlier" | "kept";

/** A checkpoint of this log that a trusted key signed, and its source. */
export interface Head extends Checkpoint {
  source: Source;
}

/** One pass over the events. Collects the roots at `sizes`, those of signed heads. */
export class Checker {
  readonly tree = new Tree();
  events = 0;
  #number = 1;
  #size = 0;
  #lastUs = 0;
  #pending: Hash[] = [];
  readonly #roots = new Map<number, Hash>();
  readonly #versions = new Map<string, number>();
  readonly #recent: Array<{ seq: number; leaf: Hash } | undefined> = Array.from({ length: WINDOW });
  readonly #differing: number[] = [];
  readonly #header: Header;
  readonly #report: Report;
  readonly #sizes: ReadonlySet<number>;

  constructor(header: Header, report: Report, sizes: ReadonlySet<number>) {
    this.#header = header;
    this.#report = report;
    this.#sizes = sizes;
  }

  /** Take the next line of the file, with its leaf if it is an event. */
  async take(value: Record<string, unknown> | undefined, leaf: Hash | undefined): Promise<void> {
    this.#number++;
    if (value !== undefined && leaf !== undefined && isLine(value)) return this.#event(value, leaf);
    if (value !== undefined && isTile(value)) return this.#sealed(value);
    const detail = `Line ${this.#number} of the file is neither an event nor sealed leaves.`;
    this.#addFinding("not_readable", detail);
  }

  /** Add a finding about one line. The limit leaves findings about heads unaffected. */
  #addFinding(kind: Kind, detail: string, seq: number | null = null): void {
    if (this.#report.findings.length < MAX_FINDINGS) this.#report.add(kind, detail, seq);
  }

  #leaf(seq: number): Hash | undefined {
    const recent = this.#recent[seq % WINDOW];
    return recent?.seq === seq ? recent.leaf : undefined;
  }

  async end(): Promise<void> {
    await this.#flush();
    const size = this.#header.size;
    if (this.#size > size) {
      const detail = `Event ${size + 1} stands after the last of the export: no head is signed over it.`;
      this.#report.add("inserted", detail, size + 1);
    } else if (this.#size < size) {
      const detail = `The export ends after event ${this.#size} of ${size}.`;
      this.#report.add("truncated", detail, this.#size + 1);
    }
  }

  /** Compare the events' roots with the signed ones, and find between which two they begin to differ. */
  async compare(heads: readonly Head[]): Promise<void> {
    this.#roots.set(0, await sha256());
    const agrees = ({ size, root }: Head) => equal(this.#roots.get(size) ?? NO_HASH, root);
    const agreeing = heads.filter(agrees).map((head) => head.size);
    const wrong = heads.filter((head) => !agrees(head));
    this.#compareTiles(Math.max(0, ...agreeing));
    const first = Math.min(...wrong.map((head) => head.size).filter((size) => this.#roots.has(size)));
    const last = Math.max(0, ...agreeing.filter((size) => size < first));
    const known = wrong.filter((head) => head.source !== "earlier");
    for (const head of known.length > 0 ? known : wrong.slice(0, 1)) {
      if (this.#roots.has(head.size)) this.#differs(head, last + 1, first);
      else {
        const detail = `A head was signed over ${head.size} events, and there are ${this.#size}.`;
        this.#report.add("removed", detail, this.#size + 1);
      }
    }
  }

  /** Report leaves that differ from sealed ones. Up to `signed`, a head proves the events: the sealed leaf is wrong. */
  #compareTiles(signed: number): void {
    for (const seq of this.#differing) {
      const what = seq <= signed ? "was sealed as another: the sealed leaf was changed" : "is not what was sealed";
      this.#addFinding("altered", `Event ${seq} ${what}.`, seq);
    }
  }

  #differs(head: Head, low: number, high: number): void {
    const own = head.source === "own";
    const what = own ? "the signed head" : "a head that was signed earlier";
    let detail = `The first ${head.size} events are not those of ${what}`;
    if (low === high) detail += `: event ${low} is the first that is not`;
    else if (low !== 1 || high !== head.size) {
      detail += `: the first that is not is among events ${low} to ${high}`;
    }
    this.#report.add(own ? "root" : "earlier_head", `${detail}.`, low === high ? low : null);
  }

  async #event(line: Line, leaf: Hash): Promise<void> {
    const following = this.#size + 1;
    if (line.seq > following) this.#addFinding("removed", gone(following, line.seq - 1), following);
    if (line.seq < following) {
      const kind = this.#leaf(line.seq) === undefined ? "reordered" : "inserted";
      this.#addFinding(kind, `Event ${line.seq} stands after event ${following - 1}.`, line.seq);
      return;
    }
    this.#compareWithItself(line, leaf);
    await this.#missing(line.seq - following);
    this.#recent[line.seq % WINDOW] = { seq: line.seq, leaf };
    this.#pending.push(leaf);
    this.#size++;
    this.events++;
    if (this.#sizes.has(this.#size) || this.#pending.length >= BATCH) await this.#flush();
  }

  #compareWithItself(line: Line, leaf: Hash): void {
    const { seq, version, stream_id } = line;
    if (hex(leaf) !== line.leaf) {
      this.#addFinding("altered", `Event ${seq} does not give its leaf: what it says was changed.`, seq);
    }
    const before = this.#versions.get(stream_id) ?? 0;
    if (version !== before + 1) {
      const detail = `Event ${seq} is version ${version} of its stream, after version ${before}.`;
      this.#addFinding(version > before ? "removed" : "reordered", detail, seq);
    }
    if (line.recorded_us < this.#lastUs) {
      this.#addFinding("reordered", `Event ${seq} was recorded before the one that it follows.`, seq);
    }
    this.#versions.set(stream_id, version);
    this.#lastUs = line.recorded_us;
  }

  /** Fill in missing leaves, so that the following ones keep their index. */
  async #missing(count: number): Promise<void> {
    if (count === 0) return;
    await this.#flush();
    const end = this.#size + count;
    const stops = [...this.#sizes].filter((size) => size > this.#size && size < end).sort((one, two) => one - two);
    for (const stop of [...stops, end]) {
      await this.tree.addMissing(stop - this.#size);
      this.#size = stop;
      await this.#storeRoot();
    }
  }

  async #flush(): Promise<void> {
    await this.tree.add(this.#pending);
    this.#pending = [];
    await this.#storeRoot();
  }

  async #storeRoot(): Promise<void> {
    if (this.#sizes.has(this.#size)) this.#roots.set(this.#size, await this.tree.root());
  }

  /** Compare the events' leaves with the sealed ones, which locate a changed event. */
  #sealed(tile: Tile): void {
    const hashes = unhex(tile.hashes);
    if (hashes?.length !== TILE * HASH_BYTES) {
      this.#addFinding("not_readable", `The sealed leaves of tile ${tile.tile} are not readable.`);
      return;
    }
    for (let at = 0; at < TILE; at++) {
      const seq = tile.tile * TILE + at + 1;
      const leaf = this.#leaf(seq);
      const differs = leaf !== undefined && !equal(leaf, hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
      if (differs && this.#differing.length < MAX_FINDINGS) this.#differing.push(seq);
    }
  }
}

function gone(first: number, last: number): string {
  return first === last ? `Event ${first} is missing.` : `Events ${first} to ${last} are missing.`;
}
