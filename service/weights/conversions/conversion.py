"""What the process that converts is asked, and what it says. Needs none of the libraries that it uses."""

from typing import Literal

import msgspec


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """Make `form` of `source`, a folder with an adapter or a whole model, or an archive to `unpack`, as `out`.

    `base`: the folder or GGUF file that an adapter is laid over. `name`: what a GGUF file is called inside.
    """

    form: Literal["unpack", "check", "merged", "gguf-q8_0", "gguf-f16", "gguf-adapter"]
    source: str
    out: str
    name: str
    is_adapter: bool = False
    base: str | None = None
    license: str | None = None


class ProgressLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bytes written of those in all; or why it failed."""

    done: int = 0
    total: int = 0
    failed: str | None = None
