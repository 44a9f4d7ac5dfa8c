import { equal, HASH_BYTES, type Hash, hex, sha256, unhex } from "./hashing.js";
import { Tree } from "./merkle.js";
import type { Checkpoint } from "./notes.js";
import type { Kind, Report } from "./report.js";
import { type Header, isLine, isTile, type Line, type Tile } from "./shapes.js";

const TILE = 256;
const AT_ONCE = 1_024;
const NOTHING = new Uint8Array();
const WINDOW = 4 * TILE; // leaves at hand: those of a tile come just before it
const MOST_FINDINGS = 1_000;

export type Source = "own" | "earlier" | "kept";

/** A head that a trusted key has signed for this log, and where it is from. */
export interface Head extends Checkpoint {
  source: Source;
}

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
  readonly #recent: Array<{ seq: number; leaf: Hash } | undefined> = Array.from({ length: WINDOW });
  readonly #unlike: number[] = [];
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
    this.#tell("not_readable", detail);
  }

  /** What is wrong with one line. However many are told, what the heads say comes after them. */
  #tell(kind: Kind, detail: string, seq: number | null = null): void {
    if (this.#report.findings.length < MOST_FINDINGS) this.#report.tell(kind, detail, seq);
  }

  #leaf(seq: number): Hash | undefined {
    const found = this.#recent[seq % WINDOW];
    return found?.seq === seq ? found.leaf : undefined;
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

  /** Whether the events give the roots that were signed, and between which of these they cease to. */
  async compare(heads: readonly Head[]): Promise<void> {
    this.#roots.set(0, await sha256());
    const agrees = ({ size, root }: Head) => equal(this.#roots.get(size) ?? NOTHING, root);
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
        this.#report.tell("removed", detail, this.#size + 1);
      }
    }
  }

  /** Up to `signed` the events are those of a head, whatever the sealed leaves say. */
  #compareTiles(signed: number): void {
    for (const seq of this.#unlike) {
      const what = seq <= signed ? "was sealed as another: the sealed leaf was changed" : "is not what was sealed";
      this.#tell("altered", `Event ${seq} ${what}.`, seq);
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
    this.#report.tell(own ? "root" : "earlier_head", `${detail}.`, low === high ? low : null);
  }

  async #event(line: Line, leaf: Hash): Promise<void> {
    const following = this.#size + 1;
    if (line.seq > following) this.#tell("removed", gone(following, line.seq - 1), following);
    if (line.seq < following) {
      const kind = this.#leaf(line.seq) === undefined ? "reordered" : "inserted";
      this.#tell(kind, `Event ${line.seq} stands after event ${following - 1}.`, line.seq);
      return;
    }
    this.#compareWithItself(line, leaf);
    await this.#missing(line.seq - following);
    this.#recent[line.seq % WINDOW] = { seq: line.seq, leaf };
    this.#waiting.push(leaf);
    this.#size++;
    this.events++;
    if (this.#wanted.has(this.#size) || this.#waiting.length >= AT_ONCE) await this.#flush();
  }

  #compareWithItself(line: Line, leaf: Hash): void {
    const { seq, version, stream_id } = line;
    if (hex(leaf) !== line.leaf) {
      this.#tell("altered", `Event ${seq} does not give its leaf: what it says was changed.`, seq);
    }
    const before = this.#versions.get(stream_id) ?? 0;
    if (version !== before + 1) {
      const detail = `Event ${seq} is version ${version} of its stream, after version ${before}.`;
      this.#tell(version > before ? "removed" : "reordered", detail, seq);
    }
    if (line.recorded_us < this.#lastUs) {
      this.#tell("reordered", `Event ${seq} was recorded before the one that it follows.`, seq);
    }
    this.#versions.set(stream_id, version);
    this.#lastUs = line.recorded_us;
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
      this.#tell("not_readable", `The sealed leaves of tile ${tile.tile} are not readable.`);
      return;
    }
    for (let at = 0; at < TILE; at++) {
      const seq = tile.tile * TILE + at + 1;
      const found = this.#leaf(seq);
      const differs = found !== undefined && !equal(found, hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
      if (differs && this.#unlike.length < MOST_FINDINGS) this.#unlike.push(seq);
    }
  }
}

function gone(first: number, last: number): string {
  return first === last ? `Event ${first} is missing.` : `Events ${first} to ${last} are missing.`;
}
