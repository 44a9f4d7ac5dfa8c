import { equal, type Hash, sha256 } from "./hashes.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The proof does not lead to the root. */
export class ProofRefusedError extends Error {
  override readonly name = "ProofRefusedError";
}

export function leafHash(data: Uint8Array): Promise<Hash> {
  return sha256(LEAF, data);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Hash> {
  return sha256(NODE, left, right);
}

/** The tree of RFC 9162, section 2.1. Keeps only the complete subtrees along the right edge, one per level. */
export class Tree {
  size = 0;
  readonly #edge: Array<Hash | undefined> = [];

  /** Append leaves. Hashes level by level, since the platform hashes many at once. */
  async add(leaves: Hash[]): Promise<void> {
    this.size += leaves.length;
    await this.#grow(leaves, 0);
  }

  /** Append `count` missing leaves as zeros, whole subtrees at a time. */
  async addMissing(count: number): Promise<void> {
    for (let remaining = count; remaining > 0; ) {
      let level = 0;
      while (this.size % 2 ** (level + 1) === 0 && 2 ** (level + 1) <= remaining) level++;
      await this.#grow([await missing(level)], level);
      this.size += 2 ** level;
      remaining -= 2 ** level;
    }
  }

  async root(): Promise<Hash> {
    let root: Hash | undefined;
    for (const left of this.#edge) {
      if (left !== undefined) root = root === undefined ? left : await nodeHash(left, root);
    }
    return root ?? sha256();
  }

  async #grow(hashes: Hash[], from: number): Promise<void> {
    let row = hashes;
    for (let level = from; row.length > 0; level++) {
      const left = this.#edge[level];
      const all = left === undefined ? row : [left, ...row];
      this.#edge[level] = all.length % 2 === 1 ? all[all.length - 1] : undefined;
      const pairs = Array.from({ length: Math.floor(all.length / 2) }, (_, at) => [all[2 * at], all[2 * at + 1]]);
      row = await Promise.all(pairs.map(([one, other]) => nodeHash(one as Hash, other as Hash)));
    }
  }
}

const known: Hash[] = [new Uint8Array(32)];

/** The root of 2 ** level leaves of zeros. */
async function missing(level: number): Promise<Hash> {
  const cached = known[level];
  if (cached !== undefined) return cached;
  const below = await missing(level - 1);
  return (known[level] = await nodeHash(below, below));
}

/** Throws ProofRefusedError unless the leaf hash is at `index` of the tree with this root (RFC 9162, 2.1.3.2). */
export async function checkInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): Promise<void> {
  if (!(index >= 0 && index < size)) throw new ProofRefusedError(`there is no leaf ${index} in a tree of ${size}`);
  let computed = leaf;
  for (const [part, left] of upwards(index, size - 1, proof)) {
    computed = left ? await nodeHash(part, computed) : await nodeHash(computed, part);
  }
  if (!equal(computed, root)) throw new ProofRefusedError("the proof leads to another root");
}

/** Throws ProofRefusedError unless the new tree begins with the old one (RFC 9162, 2.1.4.2). */
export async function checkConsistency(
  old: number,
  size: number,
  proof: readonly Uint8Array[],
  oldRoot: Uint8Array,
  root: Uint8Array,
): Promise<void> {
  if (!(old > 0 && old <= size)) {
    throw new ProofRefusedError(`a tree of ${old} cannot be the beginning of a tree of ${size}`);
  }
  if (old === size) {
    if (proof.length === 0 && equal(oldRoot, root)) return;
    throw new ProofRefusedError("two trees of one size have one root and need no proof");
  }
  let complete = 1;
  while (old % (2 * complete) === 0) complete *= 2;
  // If the old tree is complete, its root is the first part.
  const [first, ...parts] = complete === old ? [oldRoot, ...proof] : proof;
  let oldComputed = first ?? new Uint8Array();
  let computed = oldComputed;
  for (const [part, left] of upwards(Math.floor((old - 1) / complete), Math.floor((size - 1) / complete), parts)) {
    oldComputed = left ? await nodeHash(part, oldComputed) : oldComputed;
    computed = left ? await nodeHash(part, computed) : await nodeHash(computed, part);
  }
  if (!equal(oldComputed, oldRoot) || !equal(computed, root)) {
    throw new ProofRefusedError("the proof leads to other roots");
  }
}

/** Each part, and whether it is a left sibling, from node `at` of a level that ends at node `last`. */
function* upwards(at: number, last: number, proof: readonly Uint8Array[]): Generator<[Uint8Array, boolean]> {
  // Halved by division: shifts would cut numbers to 32 bits.
  let [number, end] = [at, last];
  const up = (): void => {
    [number, end] = [Math.floor(number / 2), Math.floor(end / 2)];
  };
  for (const part of proof) {
    if (end === 0) throw new ProofRefusedError("the proof is too long");
    const left = number % 2 === 1 || number === end;
    while (left && number % 2 === 0 && number > 0) up();
    yield [part, left];
    up();
  }
  if (end !== 0) throw new ProofRefusedError("the proof is too short");
}
