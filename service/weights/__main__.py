"""`python -m service.weights`: one conversion in a process of its own, so that its memory ends with it.

Reads a Conversion as one line of JSON from its input, and writes lines to its output: progress, and `failed` with the
reason. It ends when its input does: with the worker that started it, however that ended.
"""

import os
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import msgspec

from service.weights.base_weights import FolderBase, open_base
from service.weights.conversions.conversion import Conversion, ProgressLine
from service.weights.conversions.weight_archive import unpack
from service.weights.gguf_file import Labels, write_adapter_gguf, write_gguf
from service.weights.merge import MergedModel
from service.weights.peft_adapter import read_adapter
from service.weights.refusal import NotConvertible
from service.weights.tensor_file import read_folder

EVERY_BYTES = 32_000_000


class _Reporter:
    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._reported = 0

    def report(self, done: int, total: int) -> None:
        if done == total or done - self._reported >= EVERY_BYTES:
            self._reported = done
            self.write(ProgressLine(done=done, total=total))

    def write(self, line: ProgressLine) -> None:
        self._out.write(msgspec.json.encode(line) + b"\n")
        self._out.flush()


def convert(conversion: Conversion, reporter: _Reporter) -> None:
    """Make one form. Raises NotConvertible."""
    source, out = Path(conversion.source), Path(conversion.out)
    base = Path(conversion.base) if conversion.base else None
    adapter = source if conversion.is_adapter else None
    model = base if conversion.is_adapter else source
    labels = Labels(name=conversion.name, license=conversion.license)
    match conversion.form:
        case "unpack":
            out.mkdir(parents=True, exist_ok=True)
            unpack(source, out, name=conversion.name)
        case "check":
            read_adapter(source) if conversion.is_adapter else read_folder(source)
        case "merged":
            opened = open_base(_require(model))
            if not isinstance(opened, FolderBase):
                raise NotConvertible("Its base model is there only as GGUF; merged safetensors need it in safetensors.")
            MergedModel(opened, read_adapter(adapter) if adapter else None).write(out)
        case "gguf-q8_0":
            write_gguf(_require(model), adapter, out, form="q8_0", labels=labels, report=reporter.report)
        case "gguf-f16":
            write_gguf(_require(model), adapter, out, form="f16", labels=labels, report=reporter.report)
        case "gguf-adapter":
            write_adapter_gguf(_require(base), source, out, labels=labels)


def main() -> int:
    conversion = msgspec.json.decode(sys.stdin.readline(), type=Conversion)
    threading.Thread(target=_end_with_input, daemon=True).start()
    reporter = _Reporter(sys.stdout.buffer)
    try:
        convert(conversion, reporter)
    except NotConvertible as error:
        reporter.write(ProgressLine(failed=error.detail))
    except (KeyError, TypeError, ValueError, ArithmeticError, MemoryError, OSError) as error:
        # Files of somebody else: whatever is wrong in them is said, and never taken for a fault of ours.
        reporter.write(ProgressLine(failed=f"The weights cannot be read: {type(error).__name__}: {error}."))
    return 0


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(1)


def _require(path: Path | None) -> Path:
    if path is None:
        raise NotConvertible("Its base model is not on this server.")
    return path


if __name__ == "__main__":
    sys.exit(main())
