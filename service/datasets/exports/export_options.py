"""The options of an export, and what they change of a conversation before it is written. Pure."""

from typing import Annotated, Literal

import msgspec

from service.datasets.exports.recipes.recipe import Recipe
from service.datasets.exports.recipes.recipe_archive import TOOLS
from service.datasets.exports.writers.export_formats import WRITERS, ExportFormat, Write
from service.datasets.exports.writers.written_example import Json
from service.errors import Fault, Invalid

Reasoning = Literal["keep", "drop", "think", "turns"]
SystemMode = Literal["replace", "default", "prepend"]
Include = Literal["fields", "history", "original"]
Container = Literal["lines", "parquet"]
SystemText = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]
Pairs = Literal["repairs", "judgements"]
PREFERENCE_FORMATS = (
    *("openai-chat", "openai-preference", "trl-preference", "vertex-preference"),
    *("alpaca", "sharegpt", "kto", "typed-parts"),
)
RECIPE_FORMATS = ("openai-chat", "openai-preference", "trl-preference")  # with a preference, the method is DPO
FINAL_ANSWER = "Considering the above, give the final answer."


class ExportOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How examples are written. The same options on the same version give the same bytes."""

    format: ExportFormat = "openai-chat"
    """The format of the rows."""
    include: Include | None = None
    """`fields` adds external_id, tags, split, rating and metadata to each row; `history` its events, in tuneledger.

    `original` writes a row as it was imported, if it still says the same in this format.
    """
    reasoning: Reasoning = "keep"
    """What becomes of the reasoning before an answer."""
    system: SystemText | None = None
    """A system prompt for each row."""
    system_mode: SystemMode = "replace"
    """Whether it takes the place of the row's, serves rows that have none, or comes before the row's."""
    pairs: Pairs | None = None
    """Preferences from the record: an answer and what it replaced, or the winner and the loser of a judgement."""
    container: Container = "lines"
    """Whether rows stand in lines, or in a Parquet file with typed columns."""
    recipe: Recipe | None = None
    """A zip with data and the settings of a tool, instead of rows."""

    @property
    def write(self) -> Write:
        """What writes a row."""
        recipe = self.recipe
        return WRITERS[self.format].write if recipe is None else TOOLS[recipe.tool].rows[recipe.method]

    @property
    def is_lossless(self) -> bool:
        """Whether rows go out as they are stored, so that nothing needs to be counted."""
        is_stored = self.format in ("tuneledger", "openai-chat")
        is_plain = self.pairs is None and self.recipe is None and self.container == "lines"
        return is_stored and is_plain and not self.changes_content and self.include != "original"

    @property
    def changes_content(self) -> bool:
        return self.reasoning != "keep" or self.system is not None

    @property
    def takes_original(self) -> bool:
        is_wrapped = self.recipe is not None or self.container != "lines" or self.format in ("csv", "tuneledger")
        return not is_wrapped and self.pairs is None and not self.changes_content

    def check(self) -> None:
        """Raises Invalid for options that do not go together."""
        faults = []
        if self.include == "fields" and self.format != "tuneledger" and not WRITERS[self.format].takes_fields:
            detail = f"Rows of {self.format} have no room for other fields; leave out include=fields."
            faults.append(Fault(pointer="?include", detail=detail, code="no_fields"))
        if self.include == "history" and self.format != "tuneledger":
            faults.append(Fault(pointer="?include", detail="History goes with format=tuneledger.", code="no_history"))
        if self.include == "original" and not self.takes_original:
            detail = "Original rows are lines of one format as they came: leave out what changes or wraps them."
            faults.append(Fault(pointer="?include", detail=detail, code="no_original"))
        if self.format == "tuneledger" and self.changes_content:
            detail = "tuneledger rows go out as they are: leave out reasoning and system."
            faults.append(Fault(pointer="?format", detail=detail, code="unchanged"))
        if self.pairs is not None and self.format not in PREFERENCE_FORMATS:
            detail = f"Pairs need a format of preferences: {', '.join(PREFERENCE_FORMATS)}."
            faults.append(Fault(pointer="?pairs", detail=detail, code="no_pairs"))
        if self.recipe is not None and (self.include or self.format not in RECIPE_FORMATS):
            detail = f"A recipe chooses its rows: leave out include; format may be {' or '.join(RECIPE_FORMATS)}."
            faults.append(Fault(pointer="?recipe", detail=detail, code="recipe_rows"))
        if self.container == "parquet" and (self.recipe is not None or self.format in ("tuneledger", "csv")):
            detail = "Parquet holds rows of one shape: leave out recipe; the format may be any but tuneledger and csv."
            faults.append(Fault(pointer="?container", detail=detail, code="no_parquet"))
        if faults:
            raise Invalid(faults[0].detail, errors=faults)


def change_content(content: Json, options: ExportOptions) -> Json:
    """The content with another system prompt, and with its reasoning where the options say."""
    if not options.changes_content:
        return content
    messages = list(content["messages"])
    if options.system is not None:
        messages = _set_system(messages, options.system, options.system_mode)
    messages = [turn for message in messages for turn in _place_reasoning(message, options.reasoning)]
    changed = {**content, "messages": messages}
    for name in ("chosen", "rejected"):
        if content.get(name):
            mode: Reasoning = "think" if options.reasoning == "turns" else options.reasoning
            [changed[name]] = _place_reasoning(content[name], mode)
    return changed


def _set_system(messages: list[Json], text: str, mode: SystemMode) -> list[Json]:
    roles = ("system", "developer")
    present = [message for message in messages if message["role"] in roles]
    new: Json = {"role": "system", "content": text}
    if mode == "default" and present:
        return messages
    if mode == "prepend":
        return [new, *messages]
    return [new, *[message for message in messages if message["role"] not in roles]]


def _place_reasoning(message: Json, mode: Reasoning) -> list[Json]:
    """`think` puts it into the answer between tags, `turns` into a turn of its own before the answer."""
    reasoning = message.get("reasoning")
    if reasoning is None or mode == "keep":
        return [message]
    answer = {name: value for name, value in message.items() if name != "reasoning"}
    if mode == "drop":
        return [answer]
    if mode == "turns":
        return [
            {"role": "assistant", "content": reasoning},
            {"role": "user", "content": FINAL_ANSWER},
            answer,
        ]
    thought = f"<think>\n{reasoning}\n</think>\n\n"
    content = answer.get("content")
    if isinstance(content, list):
        return [{**answer, "content": [{"type": "text", "text": thought}, *content]}]
    return [{**answer, "content": thought + (content or "")}]
