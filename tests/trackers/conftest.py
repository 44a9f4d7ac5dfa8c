from tests.tunes.conftest import desk, sandbox, shared_sandbox

__all__ = ["desk", "sandbox", "shared_sandbox"]
