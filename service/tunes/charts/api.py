"""Charts of tunes and sweeps over HTTP, as SVG or PNG."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.charts.plot import Curve, Mark, draw_curves
from service.http.images import SVG, Dark, ImageKind, build_image
from service.ledger.store import Caller, Ledger
from service.tunes import queries
from service.tunes.diagnosis.curve_reader import read_curves
from service.tunes.diagnosis.domain import Curves, find_best_checkpoint, get_validation_loss


@get(
    "/tunes/{tune_id:uuid}/chart",
    operation_id="draw_tune_chart",
    summary="Draw a tune's loss curves",
    guards=[require_scope("tunes:read")],
    media_type=SVG,
    tags=["tunes"],
)
async def draw_tune_chart(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    image: ImageKind = "svg",
    theme: Dark = "light",
) -> Response[bytes]:
    """Training and validation loss by step, with the checkpoints, the best one ringed."""
    tune = await queries.get_tune(ledger.engine, caller.workspace_id, tune_id)
    curves = await read_curves(ledger.engine, caller.workspace_id, tune)
    best = find_best_checkpoint(curves.checkpoints)
    marks = [
        Mark(step=each.step, value=loss, best=each is best)
        for each in curves.checkpoints
        if (loss := get_validation_loss(each.metrics) or each.metrics.train_loss) is not None
    ]
    title = f"{tune.base_model}, version {tune.dataset_version}: {tune.state}"
    content = await draw_curves(
        _list_losses(curves), marks, title=title, y_label="loss (nats per token)", image=image, theme=theme
    )
    return build_image(content, image)


@get(
    "/sweeps/{sweep_id:uuid}/chart",
    operation_id="draw_sweep_chart",
    summary="Draw a sweep's curves over each other",
    guards=[require_scope("tunes:read")],
    media_type=SVG,
    tags=["tunes"],
)
async def draw_sweep_chart(
    sweep_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    image: ImageKind = "svg",
    theme: Dark = "light",
) -> Response[bytes]:
    """One line per tune: validation loss where it was measured, else training loss."""
    tunes = await queries.list_sweep(ledger.engine, caller.workspace_id, sweep_id)
    curves = [_build_line(tune, await read_curves(ledger.engine, caller.workspace_id, tune)) for tune in tunes]
    content = await draw_curves(
        curves, title=f"Sweep of {len(tunes)} tunes", y_label="loss (nats per token)", image=image, theme=theme
    )
    return build_image(content, image)


def _list_losses(curves: Curves) -> list[Curve]:
    train = tuple((float(p.step), p.train_loss) for p in curves.points if p.train_loss is not None)
    valid = _list_validation(curves)
    return [Curve(name=name, points=points) for name, points in (("training", train), ("validation", valid)) if points]


def _list_validation(curves: Curves) -> tuple[tuple[float, float], ...]:
    return tuple((float(p.step), loss) for p in curves.points if (loss := get_validation_loss(p)) is not None)


def _build_line(tune: Any, curves: Curves) -> Curve:
    valid = _list_validation(curves)
    train: Sequence[tuple[float, float]] = [
        (float(p.step), p.train_loss) for p in curves.points if p.train_loss is not None
    ]
    settings = ", ".join(f"{name} {value}" for name, value in tune.hyperparameters.items())
    name = f"{tune.base_model} {settings}".strip()
    return Curve(name=name, points=valid or tuple(train))


router = Router(path="/", route_handlers=[draw_tune_chart, draw_sweep_chart])
