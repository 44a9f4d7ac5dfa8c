"""What the contract suite needs of an emulator. Each adapter's room adds its own to conftest.py."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from service.providers.provider import Account, JobSpec
from service.providers.traits import Format
from tests.emulators.faults import Faults

Call = Literal["upload", "create", "read", "list"]
Ending = Literal["succeeded", "failed", "cancelled_then_succeeded"]


class Emulated(ABC):
    """A running emulator of one provider, as the contract suite drives it.

    Wire facts stay here: the suite knows no path and no error body. Ask for what the provider cannot do with
    `skips`: names of tests in test_contract.py, each with the reason.
    """

    account: Account
    """How to connect: kind, address, secret, options, and `policy=LOOPBACK`."""
    faults: Faults
    """Faults of single calls, from tests/emulators/faults.py."""
    calls: ClassVar[Mapping[Call, str]]
    """The regular expression of `METHOD /path` for each call. `create` makes a job, `read` reads one."""
    busy: ClassVar[Mapping[str, Any]]
    """A fault (status, body, headers) that asks to wait for 7 seconds."""
    unauthorized: ClassVar[Mapping[str, Any]]
    """A fault that refuses the secret."""
    no_quota: ClassVar[Mapping[str, Any]]
    """A fault that refuses a job since the account is out of money or quota."""
    format: ClassVar[Format]
    """The format of `content`."""
    content: ClassVar[bytes]
    """Training rows that the emulator accepts."""
    skips: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def build_order(self, token: str, training_file: str) -> JobSpec:
        """A job that the emulator accepts. It runs for less than a second, or until `advance`."""

    @abstractmethod
    def set_ending(self, ending: Ending) -> None:
        """How the jobs that are created from now on end."""

    @abstractmethod
    def set_status(self, job_id: str, raw_status: str | None) -> None:
        """Let the job report this status; None: its own again."""

    @abstractmethod
    def advance(self, seconds: float) -> None:
        """Let time pass for the emulator. Nothing to do where it runs by the clock."""

    @abstractmethod
    def count_jobs(self, token: str) -> int:
        """How many jobs with this token there are, running or not."""

    @abstractmethod
    def add_jobs(self, count: int) -> None:
        """Add jobs of others to the account, newer than all there are."""

    @abstractmethod
    def make_endless(self) -> None:
        """From now on lists of jobs have no end."""

    @abstractmethod
    def delay_lists(self, seconds: float) -> None:
        """From now on lists show a new job so much later. Nothing to do where a create is known again by its token."""
