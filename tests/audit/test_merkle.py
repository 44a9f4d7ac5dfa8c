"""The tree against the vectors published for RFC 6962 with Certificate Transparency, and against itself."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuneledger.audit import merkle
from tuneledger.audit.merkle import Frontier, ProofRefused, Range, leaf_hash, root_of

# Leaves and roots as in google/certificate-transparency, merkletree/merkle_tree_test (RFC 6962).
LEAVES = [
    leaf_hash(bytes.fromhex(data))
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def proof(of: list[Range], tree: list[bytes]) -> list[bytes]:
    return merkle.gathered(of, lambda part: root_of(tree[part[0] : part[1]]))


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_the_published_ones(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == hashlib.sha256(b"").digest()


# All the paths (leaf index, size) and growths (from size, to size) that the same source publishes.
PATHS = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
GROWTHS = {
    (1, 1): [],
    (1, 8): PATHS[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): PATHS[1, 5][1:],
}


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_the_published_inclusion_proofs_are_ours_and_lead_to_the_published_roots(index: int, size: int) -> None:
    published = [bytes.fromhex(part) for part in PATHS[index, size]]
    assert proof(merkle.inclusion(index, size), LEAVES) == published
    merkle.check_inclusion(LEAVES[index], index, size, published, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new"), GROWTHS)
def test_the_published_consistency_proofs_are_ours_and_lead_to_the_published_roots(old: int, new: int) -> None:
    published = [bytes.fromhex(part) for part in GROWTHS[old, new]]
    assert proof(merkle.consistency(old, new), LEAVES) == published
    merkle.check_consistency(old, new, published, *[bytes.fromhex(ROOTS[size - 1]) for size in (old, new)])


@given(st.integers(1, 200), st.data())
def test_every_leaf_of_every_tree_is_proven(size: int, data: st.DataObject) -> None:
    tree, index = leaves(size), data.draw(st.integers(0, size - 1))
    path = proof(merkle.inclusion(index, size), tree)
    merkle.check_inclusion(tree[index], index, size, path, root_of(tree))


@given(st.integers(1, 200), st.data())
def test_every_tree_is_proven_to_begin_every_later_one(new: int, data: st.DataObject) -> None:
    tree, old = leaves(new), data.draw(st.integers(1, new))
    path = proof(merkle.consistency(old, new), tree)
    merkle.check_consistency(old, new, path, root_of(tree[:old]), root_of(tree))


@given(st.integers(2, 100), st.data())
def test_a_proof_of_something_else_is_refused(size: int, data: st.DataObject) -> None:
    tree, index = leaves(size), data.draw(st.integers(0, size - 1))
    path, root = proof(merkle.inclusion(index, size), tree), root_of(tree)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    forged = data.draw(
        st.sampled_from(
            [
                (leaf_hash(b"x"), index, size, path, root),
                (tree[index], other, size, path, root),
                (tree[index], index, size, path[:-1], root),
                (tree[index], index, size, [*path, root], root),
                (tree[index], size, size, path, root),
                (tree[index], index, size, path, leaf_hash(b"x")),
            ]
        )
    )
    with pytest.raises(ProofRefused):
        merkle.check_inclusion(*forged)


@given(st.integers(2, 100), st.data())
def test_a_history_that_was_rewritten_is_refused(new: int, data: st.DataObject) -> None:
    tree, old = leaves(new), data.draw(st.integers(1, new - 1))
    altered = [*tree]
    altered[data.draw(st.integers(0, old - 1))] = leaf_hash(b"x")
    path = proof(merkle.consistency(old, new), altered)
    with pytest.raises(ProofRefused):
        merkle.check_consistency(old, new, path, root_of(tree[:old]), root_of(altered))


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_goes_on_from_its_edge(size: int, more: int) -> None:
    tree = leaves(size + more)
    frontier = Frontier(size, [root_of(tree[first:end]) for first, end in merkle.edges(size)])
    for leaf in tree[size:]:
        frontier.add(leaf)
    assert (frontier.size, frontier.root()) == (size + more, root_of(tree))


def test_proofs_of_trees_that_cannot_be_are_refused() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 4)):
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion(index, size)
    for old, new in ((0, 3), (4, 3), (-1, 2)):
        with pytest.raises(ValueError, match="beginning"):
            merkle.consistency(old, new)
        with pytest.raises(ProofRefused):
            merkle.check_consistency(old, new, [], b"", b"")


@given(st.integers(0, 70), st.integers(0, 300), st.integers(0, 70))
def test_leaves_that_are_missing_keep_their_places(before: int, missing: int, after: int) -> None:
    tree, gap = leaves(before + missing + after), [bytes(32)] * missing
    frontier = Frontier()
    for leaf in tree[:before]:
        frontier.add(leaf)
    frontier.add_missing(missing)
    for leaf in tree[before + missing :]:
        frontier.add(leaf)
    assert frontier.root() == root_of([*tree[:before], *gap, *tree[before + missing :]])
