"""Checkpoints that were written whole. A file in each names the digests of the others, and is written last."""

import hashlib
import shutil
from pathlib import Path

import msgspec

from service.providers.local.job import CHECKPOINTS_FOLDER
from service.providers.local.trainer.disk import compute_digests, sync_folder
from service.providers.local.trainer.failure import TrainerFailure

SEAL = "digests.json"
# Who trains here wrote them; a file of another name is not read.
WEIGHTS = (".safetensors",)


def seal(checkpoint: Path) -> tuple[int, str]:
    """Declare a checkpoint whole. Returns its size, and the sha256 of its weights."""
    sync_folder(checkpoint)
    digests = compute_digests(checkpoint)
    part = checkpoint / f"{SEAL}.part"
    part.write_bytes(msgspec.json.encode(digests))
    part.rename(checkpoint / SEAL)
    sync_folder(checkpoint)
    return sum(path.stat().st_size for path in checkpoint.iterdir()), digest_weights(digests)


def digest_weights(digests: dict[str, str]) -> str:
    """One sha256 for the files of weights: of the only one, or over the list of several."""
    weights = sorted((name, digest) for name, digest in digests.items() if name.endswith(WEIGHTS))
    if len(weights) == 1:
        return weights[0][1]
    return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in weights).encode()).hexdigest()


def find_newest(folder: Path, *, before: int | None = None) -> Path | None:
    """The checkpoint to go on from. Removes those that are half written, and those from the step `before` on.

    Raises TrainerFailure for one whose files are no longer those that were written.
    """
    newest = None
    for checkpoint in list_checkpoints(folder):
        if not (checkpoint / SEAL).exists() or (before is not None and get_step(checkpoint) >= before):
            shutil.rmtree(checkpoint)
        else:
            newest = checkpoint
    if newest is not None:
        _verify(newest)
    return newest


def remove_half_written(folder: Path) -> None:
    """Make room on a full disk, so that there is some to say so."""
    for checkpoint in list_checkpoints(folder):
        if not (checkpoint / SEAL).exists():
            shutil.rmtree(checkpoint, ignore_errors=True)


def list_checkpoints(folder: Path) -> list[Path]:
    """All of a job, by step."""
    found = (folder / CHECKPOINTS_FOLDER).glob("checkpoint-*")
    return sorted((path for path in found if path.name.rpartition("-")[2].isdigit()), key=get_step)


def get_step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _verify(checkpoint: Path) -> None:
    advice = "Nothing of it was read. Remove its folder to go on from an earlier one."
    try:
        sealed = msgspec.json.decode((checkpoint / SEAL).read_bytes(), type=dict[str, str])
    except msgspec.DecodeError as error:
        raise TrainerFailure("checkpoint_refused", f"{checkpoint.name}/{SEAL} is damaged. {advice}") from error
    present = {path.name: "no plain file" for path in checkpoint.iterdir() if path.is_symlink() or not path.is_file()}
    present = compute_digests(checkpoint) | present
    del present[SEAL]
    for name in sorted(sealed.keys() | present.keys()):
        if sealed.get(name) != present.get(name):
            raise TrainerFailure(
                "checkpoint_refused", f"{checkpoint.name}/{name} is not what the trainer wrote. {advice}"
            )
