"""The filters of a list as query parameters."""

from typing import Annotated

from litestar.params import QueryParameter

from service.datasets.selections import Filter
from service.datasets.sources import SourceType
from service.datasets.splits import Split
from service.http.bodies import NO_NUL


def provide_filter(
    tag: Annotated[str | None, QueryParameter(max_length=100, pattern=NO_NUL, description="Has this tag.")] = None,
    source: Annotated[SourceType | None, QueryParameter(description="Is from this kind of source.")] = None,
    split: Annotated[Split | None, QueryParameter(description="Is in this split.")] = None,
    rating_gte: Annotated[float | None, QueryParameter(ge=1, le=5, description="Mean rating in stars.")] = None,
    rated: Annotated[bool | None, QueryParameter(description="Has a rating, or has none.")] = None,
    repaired: Annotated[bool | None, QueryParameter(description="Was repaired, or was not.")] = None,
    valid: Annotated[bool | None, QueryParameter(description="Matches its task's schema, or does not.")] = None,
    external_id: Annotated[str | None, QueryParameter(max_length=500, pattern=NO_NUL)] = None,
    labelled: Annotated[bool | None, QueryParameter(description="Has a label, or has none.")] = None,
    label: Annotated[
        str | None, QueryParameter(max_length=500, pattern=NO_NUL, description="Was labelled with this category.")
    ] = None,
    q: Annotated[str | None, QueryParameter(max_length=500, pattern=NO_NUL, description="Has this text in it.")] = None,
) -> Filter:
    return Filter(
        tag=tag,
        source=source,
        split=split,
        rating_gte=rating_gte,
        rated=rated,
        repaired=repaired,
        valid=valid,
        external_id=external_id,
        labelled=labelled,
        label=label,
        q=q,
    )
