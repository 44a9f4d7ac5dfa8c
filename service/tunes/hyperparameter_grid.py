"""Spread a target over its grid: one tune for each combination of the listed values. Pure."""

import math
from collections.abc import Mapping, Sequence
from itertools import product

import msgspec

Value = bool | int | float | str
MAX_TUNES = 100


class Combination(msgspec.Struct, frozen=True, kw_only=True):
    """The hyperparameters of one tune. `pointers`: where each stands in the request, below its target."""

    hyperparameters: dict[str, Value]
    pointers: dict[str, str]


def count_combinations(grid: Mapping[str, Sequence[Value]]) -> int:
    return math.prod(len(values) for values in grid.values())


def spread(hyperparameters: Mapping[str, Value], grid: Mapping[str, Sequence[Value]]) -> list[Combination]:
    """All combinations; the last name of the grid changes fastest. Without a grid there is one."""
    return [
        _combine(hyperparameters, grid, dict(zip(grid, places, strict=True)))
        for places in product(*[range(len(values)) for values in grid.values()])
    ]


def _combine(
    hyperparameters: Mapping[str, Value], grid: Mapping[str, Sequence[Value]], places: Mapping[str, int]
) -> Combination:
    chosen = {name: grid[name][place] for name, place in places.items()}
    return Combination(
        hyperparameters={**hyperparameters, **chosen},
        pointers={
            **{name: f"hyperparameters/{name}" for name in hyperparameters},
            **{name: f"grid/{name}/{place}" for name, place in places.items()},
        },
    )
