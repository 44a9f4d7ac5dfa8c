"""What somebody with the database's password can do to the seals of a log, and what an auditor has to find then."""

from tests.audit.tamper_cases import BEGUN_ANEW, EARLIER, MALLORY, UNSEALED, Tampering, gone, leaf, note, sealed_leaf

SEALS: dict[str, Tampering] = {
    "a sealed leaf": Tampering(done=[sealed_leaf(value="sha256('x')")], found=[("altered", 300)]),
    "the sealed leaves, cut": Tampering(
        done=["update ledger.tiles set hashes = substr(hashes, 2) where workspace_id = :ws"],
        found=[("not_readable", None), ("not_readable", None)],
    ),
    "the sealed leaves, gone": Tampering(done=[gone("tiles")], found=[]),
    "the sealed leaves, of each other's tile": Tampering(
        done=["update ledger.tiles set number = 2 * (1 - number) where workspace_id = :ws"],
        found=[("altered", 1), ("altered", 2), ...],
    ),
    "the subtrees": Tampering(
        done=["update ledger.subtrees set hash = sha256('x') where workspace_id = :ws"], found=[]
    ),
    "the log's length": Tampering(done=["update ledger.heads set seq = 10 where workspace_id = :ws"], found=[]),
    "the edge that the next head begins with": Tampering(
        done=["update ledger.checkpoints set edge = edge || edge where workspace_id = :ws and size = 700"],
        grows=10,
        found=[("root", None)],
    ),
    "the head's size": Tampering(
        done=[
            "update ledger.checkpoints set size = 690 where workspace_id = :ws and size = 700",
            gone("checkpoints", "size = 699"),
        ],
        found=[("signature", None), ("removed", 691)],
        kept=[("removed", 691)],
    ),
    "all heads, gone": Tampering(done=[gone("checkpoints")], found=[], kept=[("removed", 1)]),
    "the latest head, gone": Tampering(done=[gone("checkpoints", "size = 700")], found=[], kept=[("removed", 700)]),
    "the head's log": Tampering(done=[note("replace(note, '/', '/x')")], found=[("signature", None)]),
    "the head's number": Tampering(
        done=[note("replace(note, chr(10) || '700' || chr(10), chr(10) || '699' || chr(10))")],
        found=[("signature", None)],
    ),
    "the head's root": Tampering(
        done=[note("regexp_replace(note, '[^\\n]+\\n\\n', encode(sha256('x'), 'base64') || chr(10) || chr(10))")],
        found=[("signature", None)],
    ),
    "the head's signature": Tampering(
        done=[note("replace(note, right(note, 90), '') || encode(sha512('x'), 'base64') || chr(10)")],
        found=[("signature", None)],
    ),
    "the head's signer": Tampering(
        done=[note("replace(note, chr(8212) || ' t', chr(8212) || ' T')")], found=[("signature", None)]
    ),
    "a line before the signature": Tampering(
        done=[note("replace(note, chr(10) || chr(10), chr(10) || 'more' || chr(10) || chr(10))")],
        found=[("signature", None)],
    ),
    "the head, for none": Tampering(done=[note("''")], found=[("signature", None)]),
    "the head, for an earlier one": Tampering(
        done=[note("(select note from ledger.checkpoints where workspace_id = :ws and size = 600)")],
        found=[("signature", None)],
    ),
    "the head, for another workspace's": Tampering(
        done=[note("(select note from ledger.checkpoints where workspace_id = :other)")], found=[("signature", None)]
    ),
    "everything, signed anew with the operator's key": Tampering(
        done=[MALLORY, leaf(), *UNSEALED], grows=1, found=[], kept=EARLIER
    ),
    "everything, begun anew": Tampering(done=BEGUN_ANEW, grows=20, found=[], kept=[("removed", 21)]),
    "an earlier head, for nonsense": Tampering(
        done=["update ledger.checkpoints set note = 'x' where workspace_id = :ws and size < 700"], found=[]
    ),
}
