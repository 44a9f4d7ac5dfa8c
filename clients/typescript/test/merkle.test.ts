import assert from "node:assert/strict";
import { test } from "node:test";
import { audit } from "tuneledger";

const { checkConsistency, checkInclusion, hex, leafHash, ProofRefusedError, Tree, unhex } = audit;

// Leaves, roots and proofs as in google/certificate-transparency, merkletree/merkle_tree_test (RFC 6962).
const DATA = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const FIRST_OF_EIGHT = [
  "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
  "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
];
const SECOND_OF_FIVE = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
  "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
];
const SIX_TO_EIGHT = [
  "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
];
// All the paths (leaf index, size) and growths (from size, to size) that the same source publishes.
const PATHS: Array<[number, number, string[]]> = [
  [0, 1, []],
  [0, 8, FIRST_OF_EIGHT],
  [5, 8, [SECOND_OF_FIVE[2] ?? "", ...SIX_TO_EIGHT.slice(1)]],
  [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
  [1, 5, SECOND_OF_FIVE],
];
const GROWTHS: Array<[number, number, string[]]> = [
  [1, 1, []],
  [1, 8, FIRST_OF_EIGHT],
  [6, 8, SIX_TO_EIGHT],
  [2, 5, SECOND_OF_FIVE.slice(1)],
];

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const found = unhex(text);
  assert(found !== undefined);
  return new Uint8Array(found);
}

const leaves = await Promise.all(DATA.map((data) => leafHash(bytes(data))));
const root = (size: number) => bytes(ROOTS[size - 1] ?? "");

test("the roots are the published ones, leaf by leaf and all at once", async () => {
  for (let size = 1; size <= 8; size++) {
    const [grown, whole] = [new Tree(), new Tree()];
    for (const leaf of leaves.slice(0, size)) await grown.add([leaf]);
    await whole.add(leaves.slice(0, size));
    assert.deepEqual([hex(await grown.root()), hex(await whole.root())], [ROOTS[size - 1], ROOTS[size - 1]]);
  }
});

test("an empty tree has the hash of nothing", async () => {
  assert.equal(hex(await new Tree().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("leaves that are missing count as zeros, however many there are", async () => {
  const [one, other] = [new Tree(), new Tree()];
  for (const tree of [one, other]) await tree.add(leaves.slice(0, 3));
  await one.addMissing(1_000);
  for (let added = 0; added < 1_000; added++) await other.add([new Uint8Array(32)]);
  for (const tree of [one, other]) await tree.add(leaves);
  assert.equal(hex(await one.root()), hex(await other.root()));
  await one.addMissing(2 ** 50);
  assert.equal(one.size, 2 ** 50 + 1_011);
});

test("the published inclusion proofs lead to their roots, and no others do", async () => {
  for (const [index, size, path] of PATHS) {
    await checkInclusion(leaves[index] ?? bytes(""), index, size, path.map(bytes), root(size));
  }
  const [leaf, proof] = [leaves[0] ?? bytes(""), FIRST_OF_EIGHT.map(bytes)];
  const forged = [
    () => checkInclusion(leaves[1] ?? leaf, 0, 8, proof, root(8)),
    () => checkInclusion(leaf, 1, 8, proof, root(8)),
    () => checkInclusion(leaf, 8, 8, proof, root(8)),
    () => checkInclusion(leaf, 0, 8, proof.slice(1), root(8)),
    () => checkInclusion(leaf, 0, 8, [...proof, root(1)], root(8)),
    () => checkInclusion(leaf, 0, 8, proof, root(7)),
  ];
  for (const each of forged) await assert.rejects(each, ProofRefusedError);
});

test("the published consistency proofs lead to both roots, and no others do", async () => {
  for (const [old, size, path] of GROWTHS) {
    await checkConsistency(old, size, path.map(bytes), root(old), root(size));
  }
  const proof = SIX_TO_EIGHT.map(bytes);
  await checkConsistency(8, 8, [], root(8), root(8));
  // A complete tree is its own first part: the tree of eight is that of four and what stands right of it.
  await checkConsistency(4, 8, [bytes(FIRST_OF_EIGHT[2] ?? "")], root(4), root(8));
  const forged = [
    () => checkConsistency(5, 8, proof, root(5), root(8)),
    () => checkConsistency(6, 8, proof, root(5), root(8)),
    () => checkConsistency(6, 8, proof, root(6), root(7)),
    () => checkConsistency(6, 8, proof.slice(1), root(6), root(8)),
    () => checkConsistency(6, 8, [], root(6), root(8)),
    () => checkConsistency(0, 8, proof, root(1), root(8)),
    () => checkConsistency(8, 6, proof, root(8), root(6)),
    () => checkConsistency(8, 8, proof, root(8), root(8)),
  ];
  for (const each of forged) await assert.rejects(each, ProofRefusedError);
});
