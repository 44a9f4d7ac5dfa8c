"""An emulator of Google Vertex's tuning and chat, its bucket and its access tokens, as the SDK google-genai speaks."""

from tests.emulators.vertex.server import VertexEmulator, emulate

__all__ = ["VertexEmulator", "emulate"]
