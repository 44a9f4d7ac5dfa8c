"""Turn repeated measurements into one figure: the median and the range."""

from collections.abc import Sequence
from statistics import median

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """`spread` is the smallest and the largest of the repeats."""

    median: float
    spread: tuple[float, float]
    unit: str


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A figure and its floor, measured in turns. `times_floor` is taken pair by pair: noise that lasts cancels out."""

    name: str
    measured: Figure
    floor: Figure
    floor_is: str
    times_floor: Figure
    aim: str
    beside: dict[str, Figure] = {}


def build_figure(values: Sequence[float], unit: str) -> Figure:
    return Figure(median=_round(median(values)), spread=(_round(min(values)), _round(max(values))), unit=unit)


def build_result(
    name: str,
    pairs: Sequence[tuple[float, float]],
    *,
    of: int,
    unit: str,
    floor_is: str,
    aim: str,
    beside: dict[str, Figure] | None = None,
) -> Result:
    """From the seconds that `of` units took, beside those of their floor, to units a second."""
    return Result(
        name=name,
        measured=build_figure([of / seconds for seconds, _ in pairs], f"{unit}/s"),
        floor=build_figure([of / floor for _, floor in pairs], f"{unit}/s"),
        floor_is=floor_is,
        times_floor=build_figure([seconds / floor for seconds, floor in pairs], "times"),
        aim=aim,
        beside=beside or {},
    )


def _round(value: float) -> float:
    return round(value) if value >= 1000 else float(f"{value:.3g}")
