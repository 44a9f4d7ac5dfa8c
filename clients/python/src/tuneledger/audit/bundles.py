"""Sign a folder of weights as an OpenSSF Model Signing bundle that names its data and the log; and verify it.

The bundle is `model.sig`, in the format of the `model-signing` tool, which verifies it too: an in-toto statement in a
DSSE envelope, signed with ECDSA P-256. Its predicate has a field `tuneledger` with the dataset version's digest, the
event of the log that registered the version, the proof that it is in the log, and the signed checkpoint. The key that
signs models is itself signed by the keys of the log: whoever trusts the log's keys can verify the bundle.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from tuneledger.audit.lines import Line, leaf_of
from tuneledger.audit.merkle import ProofRefused, check_inclusion
from tuneledger.audit.notes import Checkpoint, NoteRefused, Verifier, checkpoint_of, opened, sign

SIGNATURE_FILE = "model.sig"
IGNORED = [SIGNATURE_FILE, ".git", ".gitattributes", ".github", ".gitignore"]
PIECE_BYTES = 16_777_216  # so narrow is a difference located
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
KEY_NOTE_TITLE = "tuneledger model signing key"
ORDER = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)  # of P-256
READ_BYTES = 1_048_576
MAX_BUNDLE_BYTES = 100_000_000
# What the log has of the version, and the signed statement too.
CLAIMS = ("model_version", "base_model", "tune_id", "dataset_id", "dataset_version", "dataset_digest")

FindingKind = Literal["not_readable", "signature", "altered", "missing", "added", "log", "record"]


class BundleFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong; with the file, and the bytes from `start` up to `end`, where it is there."""

    kind: FindingKind
    detail: str
    file: str | None = None
    start: int | None = None
    end: int | None = None


class BundleReport(msgspec.Struct, kw_only=True):
    """`findings` is empty if folder, signature and log are as signed. `claims`: what was signed about the version."""

    files: int = 0
    bytes: int = 0
    claims: dict[str, Any] = {}
    seq: int | None = None
    checkpoint: Checkpoint | None = None
    findings: list[BundleFinding] = []

    def add(self, kind: FindingKind, detail: str, **where: Any) -> None:
        self.findings.append(BundleFinding(kind=kind, detail=detail, **where))


class FileHash(msgspec.Struct, frozen=True, kw_only=True):
    """The sha256 of a file, and of each PIECE_BYTES of it, in hex."""

    name: str
    digest: str
    pieces: list[str]
    bytes: int


class _Resource(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    algorithm: str
    digest: str


class _Serialization(msgspec.Struct, frozen=True, kw_only=True):
    method: str
    hash_type: str


class _Log(msgspec.Struct, frozen=True, kw_only=True):
    workspace_id: str
    origin: str
    event: Line
    checkpoint: str
    inclusion: list[str]


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    log: _Log
    key_note: str
    version: dict[str, Any]
    pieces: dict[str, list[str]]


class _Predicate(msgspec.Struct, frozen=True, kw_only=True):
    serialization: _Serialization
    resources: list[_Resource]
    tuneledger: _Claims


class _Statement(msgspec.Struct, frozen=True, kw_only=True):
    type_: str = msgspec.field(name="_type")
    predicate_type: str = msgspec.field(name="predicateType")
    subject: list[dict[str, Any]]
    predicate: _Predicate


def derive_key(seed: Ed25519PrivateKey) -> EllipticCurvePrivateKey:
    """Derive the key that signs models from one that signs the log: no further secret has to be kept."""
    derivation = HKDF(algorithm=SHA256(), length=48, salt=None, info=b"tuneledger model signing P-256")
    number = int.from_bytes(derivation.derive(seed.private_bytes_raw()), "big") % (ORDER - 1) + 1
    return derive_private_key(number, SECP256R1())


def export_public_key(key: EllipticCurvePrivateKey) -> bytes:
    """The public key as PEM, as the `model-signing` tool takes it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def sign_folder(
    folder: Path,
    *,
    name: str,
    version: Mapping[str, Any],
    log: Mapping[str, Any],
    signer: str,
    keys: Sequence[Ed25519PrivateKey],
) -> None:
    """Write the bundle. `version`: CLAIMS; `log`: the event with its proof; `signer`: the name of the keys."""
    key = derive_key(keys[0])
    files = list(hash_files(folder))
    resources = [{"name": each.name, "algorithm": "sha256", "digest": each.digest} for each in files]
    root = hashlib.sha256(b"".join(bytes.fromhex(each["digest"]) for each in resources)).hexdigest()
    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    serialization = {
        "method": "files",
        "hash_type": "sha256",
        "allow_symlinks": False,
        "ignore_paths": IGNORED,
    }
    note = sign(f"{KEY_NOTE_TITLE}\n{public}\n", name=signer, keys=keys)
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": root}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "serialization": serialization,
            "resources": resources,
            "tuneledger": {
                "version": dict(version),
                "log": dict(log),
                "key_note": note,
                "pieces": {each.name: each.pieces for each in files if len(each.pieces) > 1},
            },
        },
    }
    (folder / SIGNATURE_FILE).write_bytes(_seal(msgspec.json.encode(statement), key))


def verify_folder(folder: Path, *, trusted: Sequence[Verifier], kept: Sequence[str] = ()) -> BundleReport:
    """Verify files, signature and log, offline. `kept`: notes of checkpoints that were saved."""
    report = BundleReport()
    try:
        statement = _open(folder, trusted)
    except (NoteRefused, OSError, ValueError, KeyError, InvalidSignature, UnsupportedAlgorithm) as error:
        kind: FindingKind = "not_readable" if isinstance(error, OSError | msgspec.MsgspecError) else "signature"
        report.add(kind, f"{SIGNATURE_FILE}: {str(error) or 'the signature is not of this text'}.")
        return report
    claims = statement.predicate.tuneledger
    report.claims = claims.version
    _check_files(folder, statement.predicate, report)
    _check_log(claims, trusted, kept, report)
    return report


def hash_files(folder: Path) -> Iterator[FileHash]:
    """Hash each file, and each piece of it, in the order of their paths. Raises ValueError for a link."""
    for path in _list_files(folder):
        whole, pieces, size = hashlib.sha256(), [], 0
        with (folder / path).open("rb") as opened_file:
            while length := _hash_piece(opened_file, whole, piece := hashlib.sha256()):
                pieces.append(piece.hexdigest())
                size += length
        yield FileHash(name=str(path), digest=whole.hexdigest(), pieces=pieces, bytes=size)


def _list_files(folder: Path) -> list[PurePosixPath]:
    found = []
    for path in folder.rglob("*"):
        name = PurePosixPath(path.relative_to(folder).as_posix())
        if name.parts[0] in IGNORED:
            continue
        if path.is_symlink():
            raise ValueError(f"{name} is a link, which is never signed")
        if path.is_file():
            found.append(name)
    return sorted(found)


def _hash_piece(file: Any, *digests: Any) -> int:
    left = PIECE_BYTES
    while left and (read := file.read(min(left, READ_BYTES))):
        for digest in digests:
            digest.update(read)
        left -= len(read)
    return PIECE_BYTES - left


def _encode(payload: bytes) -> bytes:
    """What is signed: DSSE's encoding of type and payload."""
    return f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} ".encode() + payload


def _seal(payload: bytes, key: EllipticCurvePrivateKey) -> bytes:
    signature = key.sign(_encode(payload), ECDSA(SHA256(), deterministic_signing=True))
    bundle = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": hashlib.sha256(export_public_key(key)).hexdigest()}},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
        },
    }
    return msgspec.json.encode(bundle)


def _open(folder: Path, trusted: Sequence[Verifier]) -> _Statement:
    """Read the statement and verify that a trusted key has signed the key which signed it."""
    file = folder / SIGNATURE_FILE
    if file.stat().st_size > MAX_BUNDLE_BYTES:
        raise ValueError("it is too large")
    envelope = msgspec.json.decode(file.read_bytes())["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"], validate=True)
    statement = msgspec.json.decode(payload, type=_Statement)
    if envelope["payloadType"] != PAYLOAD_TYPE or statement.predicate_type != PREDICATE_TYPE:
        raise ValueError("it is no signature of a model")
    title, encoded, *_ = opened(statement.predicate.tuneledger.key_note, trusted).splitlines()
    public = load_der_public_key(base64.b64decode(encoded, validate=True))
    if title != KEY_NOTE_TITLE or not isinstance(public, EllipticCurvePublicKey):
        raise NoteRefused("the note about its key is about something else")
    public.verify(base64.b64decode(envelope["signatures"][0]["sig"]), _encode(payload), ECDSA(SHA256()))
    return statement


def _check_files(folder: Path, predicate: _Predicate, report: BundleReport) -> None:
    if (predicate.serialization.method, predicate.serialization.hash_type) != ("files", "sha256"):
        report.add("not_readable", "The files are hashed in another way than this program knows.")
        return
    expected = {each.name: each.digest for each in predicate.resources}
    try:
        for file in hash_files(folder):
            report.files += 1
            report.bytes += file.bytes
            digest = expected.pop(file.name, None)
            if digest is None:
                report.add("added", f"{file.name} was not signed.", file=file.name)
            elif digest != file.digest:
                _locate(file, predicate.tuneledger.pieces.get(file.name, [digest]), report)
    except (OSError, ValueError) as error:
        report.add("not_readable", f"{error}.")
        return
    for name in expected:
        report.add("missing", f"{name} is missing.", file=name)


def _locate(file: FileHash, pieces: Sequence[str], report: BundleReport) -> None:
    """Say in which bytes a file differs, to the piece."""
    for number, (signed, found) in enumerate(zip_longest(pieces, file.pieces)):
        start = number * PIECE_BYTES
        end = min(start + PIECE_BYTES, file.bytes) if found else file.bytes
        if found is None:
            detail = f"{file.name} is cut off at byte {file.bytes}."
        elif signed is None:
            detail = f"{file.name} goes on after byte {start}, where it ended when it was signed."
        else:
            detail = f"{file.name} is not what was signed, in bytes {start} to {end - 1}."
        if signed != found:
            report.add("altered", detail, file=file.name, start=min(start, end), end=end)


def _check_log(claims: _Claims, trusted: Sequence[Verifier], kept: Sequence[str], report: BundleReport) -> None:
    log, line = claims.log, claims.log.event
    report.seq = line.seq
    try:
        head = checkpoint_of(opened(log.checkpoint, trusted))
        report.checkpoint = head
        leaf = leaf_of(log.workspace_id, line)
        check_inclusion(leaf, line.seq - 1, head.size, [bytes.fromhex(each) for each in log.inclusion], head.root)
    except (NoteRefused, ProofRefused, ValueError) as error:
        report.add("log", f"Event {line.seq} of the log, which registered the version: {error}.")
        return
    if head.origin != log.origin or not log.origin.endswith(f"/{log.workspace_id}"):
        report.add("log", f"The checkpoint is of another log: {head.origin}.")
    recorded = msgspec.json.decode(line.data)
    for name in CLAIMS:
        signed, logged = claims.version.get(name), recorded.get(name)
        if signed != logged:
            report.add("record", f"Event {line.seq} of the log has {name} {logged}, the bundle {signed}.")
    for note in kept:
        _compare_kept(note, head.origin, head.size, head.root, trusted, report)


def _compare_kept(
    note: str, origin: str, size: int, root: bytes, trusted: Sequence[Verifier], report: BundleReport
) -> None:
    try:
        saved = checkpoint_of(opened(note, trusted))
    except NoteRefused as error:
        report.add("log", f"A saved checkpoint cannot be trusted: {error}.")
        return
    if saved.origin != origin:
        report.add("log", f"A saved checkpoint is of another log: {saved.origin}.")
    elif saved.size == size and saved.root != root:
        report.add("log", f"The log of {size} events is not the one whose checkpoint you saved.")
