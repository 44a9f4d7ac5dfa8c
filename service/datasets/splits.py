"""Assign splits: an example's split follows from its text and the policy when it is added, and never changes."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from service.errors import Fault, Unprocessable

Split = Literal["train", "validation", "test"]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


GroupKey = Annotated[str, msgspec.Meta(pattern=r"^(external_id|metadata(\.[^.\x00]{1,200}){1,10})$", max_length=500)]
GroupEnd = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=r"^[^\x00]*$")]
Pins = Annotated[dict[Annotated[str, msgspec.Meta(min_length=1, max_length=100)], Split], msgspec.Meta(max_length=20)]


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
    group_by: GroupKey | None = None
    """Examples with the same value here share a split: `external_id`, or a path such as `metadata.customer.id`."""
    group_until: GroupEnd | None = None
    """Only what stands before the first of this counts, such as `-` where ids are `customer-1` and `customer-2`."""
    pins: Pins | None = None
    """Tags whose examples belong to one split, such as `{"golden": "test"}`. A bulk move leaves them there."""


def check_shares(policy: SplitPolicy) -> None:
    """Raises Unprocessable unless the shares sum to 1 (within a millionth)."""
    total = policy.train + policy.validation + policy.test
    if abs(total - 1) > 1e-6:  # noqa: PLR2004
        detail = f"train, validation and test sum to {total:g}, not 1."
        raise Unprocessable(detail, errors=[Fault(pointer="/split_policy/train", detail=detail, code="not_whole")])


def assign_split(
    content: bytes,
    dataset_id: UUID,
    policy: SplitPolicy,
    *,
    external_id: str | None = None,
    metadata: bytes | None = None,
    tags: Sequence[str] = (),
) -> Split:
    """The split of a text: sha256(seed ‖ dataset ‖ sha256(text)) as a fraction of its range, against the shares.

    Equal texts are never on two sides, so that no test example was trained on under another id. The value that the
    policy groups by stands for the text of an example that has it; a pin comes before both.
    """
    if pinned := find_pin(policy, tags):
        return pinned
    group = find_group(policy, external_id, metadata)
    content = content if group is None else b"group\0" + group.encode()
    scope = b"" if policy.split_by == "content" else dataset_id.bytes
    digest = hashlib.sha256(policy.seed.to_bytes(4, "big") + scope + hashlib.sha256(content).digest()).digest()
    fraction = int.from_bytes(digest[:8], "big") / 2**64
    if fraction < policy.train:
        return "train"
    return "validation" if fraction < policy.train + policy.validation else "test"


def find_pin(policy: SplitPolicy, tags: Sequence[str]) -> Split | None:
    """The split that one of the tags belongs to, by the first that is pinned."""
    pins = policy.pins
    return next((pins[tag] for tag in tags if tag in pins), None) if pins else None


def find_group(policy: SplitPolicy, external_id: str | None, metadata: bytes | None) -> str | None:
    """The value that the policy groups by, None for an example without one."""
    found: Any = None
    if policy.group_by == "external_id":
        found = external_id
    elif policy.group_by and metadata is not None:
        found = msgspec.json.decode(metadata)
        for name in policy.group_by.split(".")[1:]:
            found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        return None
    text = found if isinstance(found, str) else msgspec.json.encode(found).decode()
    return text.split(policy.group_until, 1)[0] if policy.group_until else text
