"""An emulator of OpenAI's tuning API: jobs by a timetable, in memory, for tests and benchmarks."""

from tests.emulators.openai.server import OpenAIEmulator, emulate

__all__ = ["OpenAIEmulator", "emulate"]
