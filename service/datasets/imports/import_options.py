"""The query parameters that say how to import, the same for a file and for a source."""

from typing import Annotated, Any, Literal

from litestar import Request
from litestar.params import QueryParameter

from service.datasets.examples.chat_content import OnUnanswered
from service.datasets.imports.containers import FileHints
from service.datasets.imports.containers.text_encodings import is_text_encoding
from service.datasets.imports.domain import Format, OnDeleted, OnError, OnExisting
from service.datasets.imports.file_rows import ReadOptions
from service.datasets.imports.shapes.column_map import parse_column_map
from service.datasets.imports.shapes.row_fields import Extra
from service.datasets.imports.staging_area import ImportOptions
from service.datasets.splits import Split
from service.errors import Fault, Invalid
from service.http.bodies import NO_NUL

FormatParameter = Annotated[
    Format | None, QueryParameter(name="format", description="The format of the rows. Default: it is recognized.")
]
OnErrorParameter = Annotated[
    OnError,
    QueryParameter(description="What happens if a row is bad: `abort` adds nothing, `skip` adds the good rows."),
]
OnInvalidParameter = Annotated[
    Literal["refuse", "mark"],
    QueryParameter(description="An output that fails its schema: `refuse` makes the row bad, `mark` marks it invalid."),
]
OnUnansweredParameter = Annotated[
    OnUnanswered,
    QueryParameter(
        description="A row without an answer: `refuse` makes it bad, `keep` lets it wait for a repair or a label."
    ),
]
OnExistingParameter = Annotated[
    OnExisting,
    QueryParameter(
        description="A row whose external id, or else text, is in the dataset: `update` takes over what changed in "
        "the file since its last import, `skip` counts it, `fail` adds nothing."
    ),
]
DeletedParameter = Annotated[
    OnDeleted,
    QueryParameter(description="A row whose example was deleted: `skip` lists it, `restore` brings it back."),
]
ExtraParameter = Annotated[
    Extra,
    QueryParameter(
        description="Columns that are no field: kept in `metadata`, ignored and counted, or refused as faults."
    ),
]
MapParameter = Annotated[
    str | None,
    QueryParameter(
        name="map",
        max_length=10_000,
        pattern=NO_NUL,
        description="Which columns or JSON pointers are which fields: `input:question,output:/answers/0`, or a "
        "JSON object. The fields are input, output, system, messages, tools, prompt, chosen, rejected, tags, "
        "rating, external_id, split and metadata.",
    ),
]
SplitParameter = Annotated[
    Split | None,
    QueryParameter(description="The split of rows that name none. Default: the dataset's policy decides."),
]
EncodingParameter = Annotated[
    str | None, QueryParameter(max_length=50, description="The file's encoding. Default: it is recognized.")
]
DelimiterParameter = Annotated[
    str | None, QueryParameter(max_length=10, description="What separates cells. Default: it is recognized.")
]
SheetParameter = Annotated[
    str | None,
    QueryParameter(
        max_length=200, pattern=NO_NUL, description="The sheet of a spreadsheet. Default: the first with rows."
    ),
]
ColumnsParameter = Annotated[
    str | None,
    QueryParameter(
        max_length=10_000,
        pattern=NO_NUL,
        description="The columns of a table that has no header, separated by commas.",
    ),
]


def provide_import_options(
    request: Request[Any, Any, Any],
    format_: FormatParameter = None,
    on_error: OnErrorParameter = "abort",
    on_invalid: OnInvalidParameter = "refuse",
    on_unanswered: OnUnansweredParameter = "refuse",
    on_existing: OnExistingParameter = "update",
    deleted: DeletedParameter = "skip",
    extra: ExtraParameter = "metadata",
    map_: MapParameter = None,
    split: SplitParameter = None,
    encoding: EncodingParameter = None,
    delimiter: DelimiterParameter = None,
    sheet: SheetParameter = None,
    columns: ColumnsParameter = None,
    name: Annotated[str | None, QueryParameter(max_length=500, pattern=NO_NUL, description="The file's name.")] = None,
) -> ImportOptions:
    parse_column_map(map_)  # what is wrong with it is told before anything is written
    if encoding is not None and not is_text_encoding(encoding):
        detail = f"Unknown encoding {encoding[:64]!r}; common ones are utf-8, utf-16, windows-1252 and shift_jis."
        raise Invalid(detail, errors=[Fault(pointer="?encoding", detail=detail, code="unknown_encoding")])
    media_type, _ = request.content_type
    hints = FileHints(
        name=name,
        content_type=media_type or None,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        columns=tuple(column.strip() for column in columns.split(",")) if columns else (),
    )
    return ImportOptions(
        reading=ReadOptions(format=format_, extra=extra, map=map_, hints=hints, unanswered=on_unanswered),
        on_error=on_error,
        on_invalid=on_invalid,
        on_existing=on_existing,
        deleted=deleted,
        split=split,
        name=name,
    )
