"""Assign splits: an example's split follows from its text and the policy when it is added, and never changes."""

import hashlib
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from service.errors import Fault, Unprocessable

Split = Literal["train", "validation", "test"]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class SplitPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of new examples, which sum to 1, and the seed that says which example goes where."""

    train: Share = 0.8
    """Share of new examples for training, 0 to 1."""
    validation: Share = 0.1
    """Share of new examples for validation, 0 to 1."""
    test: Share = 0.1
    """Share of new examples for testing, 0 to 1."""
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0
    """Changes which example goes into which split."""
    split_by: Literal["dataset", "content"] = "dataset"
    """The same text has the same split in one dataset; with `content` in every dataset of the same shares and seed."""


def check_shares(policy: SplitPolicy) -> None:
    """Raises Unprocessable unless the shares sum to 1 (within a millionth)."""
    total = policy.train + policy.validation + policy.test
    if abs(total - 1) > 1e-6:  # noqa: PLR2004
        detail = f"train, validation and test sum to {total:g}, not 1."
        raise Unprocessable(detail, errors=[Fault(pointer="/split_policy/train", detail=detail, code="not_whole")])


def assign_split(content: bytes, dataset_id: UUID, policy: SplitPolicy) -> Split:
    """The split of a text: sha256(seed ‖ dataset ‖ sha256(text)) as a fraction of its range, against the shares.

    Equal texts are never on two sides, so that no test example was trained on under another id.
    """
    scope = b"" if policy.split_by == "content" else dataset_id.bytes
    digest = hashlib.sha256(policy.seed.to_bytes(4, "big") + scope + hashlib.sha256(content).digest()).digest()
    fraction = int.from_bytes(digest[:8], "big") / 2**64
    if fraction < policy.train:
        return "train"
    return "validation" if fraction < policy.train + policy.validation else "test"
