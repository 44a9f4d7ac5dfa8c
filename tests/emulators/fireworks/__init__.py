"""An emulator of Fireworks' gateway, as its SDK 1.2 speaks it."""

from tests.emulators.fireworks.server import FireworksEmulator, emulate

__all__ = ["FireworksEmulator", "emulate"]
