from tests.evaluations.conftest import lab
from tests.tunes.conftest import sandbox, shared_sandbox

__all__ = ["lab", "sandbox", "shared_sandbox"]
