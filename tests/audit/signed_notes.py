"""Notes that an auditor may hold, or be handed, and whether they are to be taken for heads of the log."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.audit.worker import Signer
from service.database.engine import new_id
from tests.audit.test_sealer import SIGNER
from tuneledger.audit.notes import DASH, Verifier, sign

MALLORY = Signer(origin=SIGNER.origin, keys=(Ed25519PrivateKey.generate(),))
NO_POINT = Verifier(name=SIGNER.origin, public=b"\xff" * 32)
ROOT = base64.b64encode(b"r" * 32).decode()


def notes(head: str, log: str) -> tuple[dict[str, str], dict[str, str]]:
    """Those that say what `head` says and are signed, and those that are no heads of this log."""
    text, signature = head.rsplit("\n\n", 1)
    origin, size, root = text.split("\n")

    def signed(*lines: str, by: Signer = SIGNER) -> str:
        return sign("".join(f"{line}\n" for line in lines), name=SIGNER.origin, keys=by.keys)

    taken = {
        "as it was": head,
        "with a line of nonsense beside the signature": f"{text}\n\nnonsense\n{signature}",
        "with a stranger's signature beside": f"{text}\n\n{DASH} stranger.test {ROOT}\n{signature}",
        "with an extension that is signed": signed(origin, size, root, "extension"),
        "signed twice": f"{text}\n\n{signature}{signature}",
    }
    refused = {
        "nothing": "",
        "a text": "no note at all",
        "without its end": head.rstrip("\n"),
        "without its signature": f"{text}\n\n",
        "of another number": head.replace(f"\n{size}\n", f"\n{int(size) + 1}\n"),
        "of another root": head.replace(root, ROOT),
        "of another log, unsigned": head.replace(log, f"{log}x"),
        "of another log, signed": signed(f"{SIGNER.origin}/{new_id()}", size, root),
        "with an extension that is not signed": f"{text}\nextension\n\n{signature}",
        "signed by a stranger": signed(origin, size, root, by=MALLORY),
        "signed by a stranger in our name": signed(origin, size, root, by=MALLORY).replace(
            MALLORY.verifiers[0].key_id.hex(), SIGNER.verifiers[0].key_id.hex()
        ),
        "with half a signature": head[:-20] + "\n",
        "with a signature of another text": f"{text}\n\n{sign('a text', name=SIGNER.origin, keys=SIGNER.keys)[8:]}",
        "with one signature that is wrong": f"{text}\n\n{signature}{forge()}",
        "with two spaces": f"{text}\n\n{signature.replace(' ', '  ')}",
        "with a hyphen for its dash": head.replace(DASH, "-"),
        "with ends of lines as on Windows": head.replace("\n", "\r\n"),
        "after a byte order mark": f"\ufeff{head}",
        "twice": head + head,
        "that is no checkpoint": signed("a text"),
        "of no log": signed("", size, root),
        "of a number with a zero before": signed(origin, f"0{size}", root),
        "of a number with a sign": signed(origin, f"+{size}", root),
        "of a number in other digits": signed(origin, "\u0667\u0660\u0660", root),
        "of a number less than none": signed(origin, "-1", root),
        "of a number out of this world": signed(origin, "1" + "0" * 15, root),
        "of a number without end": signed(origin, "9" * 5_000, root),
        "of a root that is short": signed(origin, size, root[:-4]),
        "of a root in another form": signed(origin, size, f"{root[:-2]}{chr(ord(root[-2]) + 1)}="),
    }
    return taken, refused


def forge() -> str:
    """A line of ours that is of no text."""
    signature = base64.b64encode(SIGNER.verifiers[0].key_id + bytes(64)).decode()
    return f"{DASH} {SIGNER.origin} {signature}\n"
