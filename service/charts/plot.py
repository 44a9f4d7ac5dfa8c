"""Draw charts as SVG or PNG with matplotlib: light or dark, and readable without colour.

Lines differ by dashes and markers too, and each has its name at its end. The same data gives the same bytes.
"""

import asyncio
import io
import math
import threading
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from service.extras import require_extra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ImageFormat = Literal["svg", "png"]
Theme = Literal["light", "dark"]
MEDIA_TYPES: dict[ImageFormat, str] = {"svg": "image/svg+xml", "png": "image/png"}
WIDTH, HEIGHT, DPI = 8.0, 4.5, 144
MAX_POINTS = 2_000
MAX_NAME = 60
LOCK = threading.Lock()  # the settings of matplotlib are those of the process
# Seven colours that people with any colour vision can tell apart (Okabe and Ito, 2008), without yellow.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8A8A8A")
DASHES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
INKS: dict[Theme, tuple[str, str]] = {"light": ("#ffffff", "#222222"), "dark": ("#16181d", "#e6e6e6")}


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A line of points by step. `thin`: it is there for comparison."""

    name: str
    points: tuple[tuple[float, float], ...]
    thin: bool = False


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint: a dot on the chart, ringed when it is the best."""

    step: float
    value: float
    best: bool = False


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A value with the ends of its interval; None where there is none."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


async def draw_curves(
    curves: Sequence[Curve],
    marks: Sequence[Mark] = (),
    *,
    title: str,
    y_label: str,
    image: ImageFormat,
    theme: Theme,
) -> bytes:
    """Draw lines over training steps."""

    def draw(axes: "Axes") -> None:
        styles = zip(curves, cycle(COLOURS), cycle(DASHES), cycle(MARKERS), strict=False)
        for curve, colour, dash, marker in styles:
            points = _thin_out(curve.points)
            axes.plot(
                [step for step, _ in points],
                [value for _, value in points],
                color=colour,
                linestyle=dash,
                linewidth=1.0 if curve.thin else 1.8,
                marker=marker,
                markersize=3.5,
                markevery=max(1, len(points) // 12),
                label=_escape(curve.name),
            )
        for mark in marks:
            axes.plot([mark.step], [mark.value], "o", color=axes.xaxis.label.get_color(), markersize=5)
            if mark.best:
                axes.plot([mark.step], [mark.value], "o", markersize=13, fillstyle="none", color=COLOURS[1])
                axes.annotate("best", (mark.step, mark.value), xytext=(8, 8), textcoords="offset points", fontsize=9)
        axes.set_xlabel("step")
        axes.set_ylabel(y_label)
        if curves:
            axes.legend(frameon=False, fontsize=8)

    return await _render(draw, title=title, image=image, theme=theme)


async def draw_bars(bars: Sequence[Bar], *, title: str, x_label: str, image: ImageFormat, theme: Theme) -> bytes:
    """Draw horizontal bars, the first on top, with their intervals and values."""

    def draw(axes: "Axes") -> None:
        places = range(len(bars))
        values = [bar.value for bar in bars]
        axes.barh(places, values, height=0.6, color=COLOURS[0], alpha=0.75)
        for place, bar in zip(places, bars, strict=True):
            if bar.low is not None and bar.high is not None:
                ends = [[max(bar.value - bar.low, 0)], [max(bar.high - bar.value, 0)]]
                axes.errorbar([bar.value], [place], xerr=ends, color=axes.xaxis.label.get_color(), capsize=4)
            axes.annotate(f" {bar.value:.4g}", (max(bar.value, bar.high or 0), place), va="center", fontsize=9)
        axes.set_yticks(list(places), [_escape(bar.name) for bar in bars])
        axes.invert_yaxis()
        axes.set_xlabel(x_label)
        axes.margins(x=0.15)

    return await _render(draw, title=title, image=image, theme=theme)


async def _render(draw: Callable[["Axes"], None], *, title: str, image: ImageFormat, theme: Theme) -> bytes:
    """Draw in a thread. Raises MissingExtra where matplotlib is not installed."""
    require_extra("charts")
    return await asyncio.to_thread(_render_now, draw, title, image, theme)


def _render_now(draw: Callable[["Axes"], None], title: str, image: ImageFormat, theme: Theme) -> bytes:
    import matplotlib as mpl  # noqa: PLC0415 - it takes half a second
    from matplotlib.figure import Figure  # noqa: PLC0415

    paper, ink = INKS[theme]
    settings: Any = {
        "text.color": ink,
        "axes.labelcolor": ink,
        "axes.edgecolor": ink,
        "xtick.color": ink,
        "ytick.color": ink,
        "text.parse_math": False,
        "svg.hashsalt": "tuneledger",
        "svg.fonttype": "none",  # texts stay texts: they can be read aloud and searched
    }
    with LOCK, mpl.rc_context(settings):
        figure = Figure(figsize=(WIDTH, HEIGHT), facecolor=paper, layout="constrained")
        axes = figure.add_subplot()
        axes.set_facecolor(paper)
        axes.grid(visible=True, alpha=0.25)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        draw(axes)
        axes.set_title(_escape(title), loc="left", fontsize=11)
        return _save(figure, image)


def _save(figure: "Figure", image: ImageFormat) -> bytes:
    buffer = io.BytesIO()
    metadata: dict[str, Any] = {"Date": None} if image == "svg" else {"Software": None}
    figure.savefig(buffer, format=image, dpi=DPI, metadata=metadata, facecolor=figure.get_facecolor())
    return buffer.getvalue()


def _thin_out(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """The finite points, at most MAX_POINTS of them, the last one always."""
    finite = [(step, value) for step, value in points if math.isfinite(value)]
    stride = max(1, math.ceil(len(finite) / MAX_POINTS))
    return finite[::stride] + (finite[-1:] if (len(finite) - 1) % stride else [])


def _escape(name: str) -> str:
    """Shorten a name. A leading underscore would hide it from the legend."""
    short = name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"
    return f" {short}" if short.startswith("_") else short
