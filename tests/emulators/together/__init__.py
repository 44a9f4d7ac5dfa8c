"""An emulator of Together's API, as its SDK 3.1 speaks it."""

from tests.emulators.together.server import TogetherEmulator, emulate

__all__ = ["TogetherEmulator", "emulate"]
