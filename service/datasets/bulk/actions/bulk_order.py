"""What a bulk change can do to each example. Pure."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from service.datasets.examples.ratings import Rating
from service.datasets.filters.selection import Filter
from service.datasets.splits import Split

NO_NUL = r"^[^\x00]*$"
Tags = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=NO_NUL)]],
    msgspec.Meta(min_length=1, max_length=50),
]
OnInvalid = Annotated[
    Literal["skip", "mark"],
    msgspec.Meta(description="An output that then fails its task's schema is skipped, or kept and marked invalid."),
]


class BulkAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """One change, made to each example."""


class TagExamples(BulkAction, frozen=True, kw_only=True, tag="tag"):
    """Add tags to those that an example has."""

    tags: Tags
    """The tags to add."""


class UntagExamples(BulkAction, frozen=True, kw_only=True, tag="untag"):
    """Remove tags."""

    tags: Tags
    """The tags to remove."""


class DeleteExamples(BulkAction, frozen=True, kw_only=True, tag="delete"):
    """Delete the examples; their histories, and versions that contain them, stay."""


class RestoreExamples(BulkAction, frozen=True, kw_only=True, tag="restore"):
    """Bring deleted examples back. A filter selects among the deleted ones, as each was last."""


class MoveExamples(BulkAction, frozen=True, kw_only=True, tag="move"):
    """Move the examples to another split."""

    split: Split
    """The split to move them to."""


class DealSplits(BulkAction, frozen=True, kw_only=True, tag="deal"):
    """Deal the examples to splits anew, by the dataset's split policy, exactly instead of by a hash.

    Equal texts, the policy's groups and, with `near`, near duplicates stay on one side; pins hold.
    """

    stratify: bool = True
    """Whether the shares hold in each category of the dataset's task, to the example."""
    near: bool = False
    """Whether near duplicates, as a check finds them, share a side."""
    frozen: Literal["keep", "move"] = "keep"
    """Whether examples of frozen versions keep their sides, so that no test example was trained on before."""


class RateExamples(BulkAction, frozen=True, kw_only=True, tag="rate"):
    """Give each example the caller's rating, in place of an earlier one."""

    rating: Rating
    """The rating."""


class ReplaceText(BulkAction, frozen=True, kw_only=True, tag="replace"):
    """Find and replace a text. In an answer it is a repair, elsewhere an edit; both end the ratings."""

    find: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, pattern=NO_NUL)]
    """The text to find, or an RE2 pattern with `regex`."""
    replace: Annotated[str, msgspec.Meta(max_length=10_000, pattern=NO_NUL)] = ""
    """What takes its place. With `regex`, `\\1` stands for the first group."""
    regex: bool = False
    """Whether `find` is a pattern in the syntax of RE2, which has no look-around and no back-references."""
    ignore_case: bool = False
    """Whether upper and lower case are the same."""
    where: Literal["output", "messages"] = "output"
    """In the answer, or in the texts of all messages."""
    on_invalid: OnInvalid = "skip"
    """What happens to an output that then fails its task's schema."""


class PatchOutput(BulkAction, frozen=True, kw_only=True, tag="patch"):
    """Apply a JSON Patch (RFC 6902) to each answer that is JSON, as a repair."""

    patch: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=100)]
    """The operations, such as `{"op": "replace", "path": "/intent", "value": "refund"}`."""
    on_invalid: OnInvalid = "skip"
    """What happens to an output that then fails its task's schema."""


class RedactExamples(BulkAction, frozen=True, kw_only=True, tag="redact"):
    """Write `[email]` and the like in place of personal data and secrets, in all messages. An edit: it ends ratings."""

    kinds: Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)] | None = None
    """Only these kinds, as a check names them, such as `phone` or `aws_key`. Null for all."""
    on_invalid: OnInvalid = "skip"
    """What happens to an output that then fails its task's schema."""


class ApplyRun(BulkAction, frozen=True, kw_only=True, tag="apply_run"):
    """Take the answers of a run of a prompt over the dataset, each as a repair; what waits for an answer gets one."""

    run_id: UUID
    """The run, which has ended. Examples without an answer of it stay as they are."""
    on_invalid: OnInvalid = "skip"
    """What happens to an output that then fails its task's schema."""


class DropDuplicates(BulkAction, frozen=True, kw_only=True, tag="drop_duplicates"):
    """Delete examples whose content repeats another's of the selection. The best rated stays, else the oldest."""

    near: bool = False
    """Whether contents that share about 70% of their runs of words count as repeats, as in a check."""


class RevertExamples(BulkAction, frozen=True, kw_only=True, tag="revert"):
    """Return each example to what it was at a moment; delete those that were not there, restore those that were."""

    moment: int
    """The position in the event log."""


class UndoChange(BulkAction, frozen=True, kw_only=True, tag="undo"):
    """Return each example to what it was before another bulk change."""

    bulk_id: UUID
    """The bulk change to undo."""


RequestedAction = (
    TagExamples
    | UntagExamples
    | DeleteExamples
    | RestoreExamples
    | MoveExamples
    | DealSplits
    | RateExamples
    | ReplaceText
    | PatchOutput
    | RedactExamples
    | ApplyRun
    | DropDuplicates
)
AnyAction = RequestedAction | RevertExamples | UndoChange
Rewrite = ReplaceText | PatchOutput | RedactExamples | ApplyRun


class BulkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with which examples. It may quote texts, so it is stored beside the log, as a text of its change."""

    action: AnyAction
    filter: Filter | None = None
    ids: list[UUID] | None = None
    is_of_deleted: bool = False
