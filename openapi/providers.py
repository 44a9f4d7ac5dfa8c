"""The tables of docs/providers.md, from what the adapters declare."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.providers.kinds import DEFAULT_URLS, TRAITS
from service.providers.traits import IDEMPOTENT, Parameter, Traits

PAGE = Path(__file__).parents[1] / "docs" / "providers.md"
BEGIN = "<!-- generated: python -m openapi providers -->"
END = "<!-- end of what is generated -->"
IDENTITIES = {
    "metadata": "the job's metadata",
    "suffix": "the suffix",
    "labels": "the job's labels",
    "client_id": "an id that we choose",
    "request_token": "a request token",
}
DEPLOYMENTS = {"none": "not needed", "automatic": "comes with the job", "needed": "needed"}
KINDS = {"integer": "a whole number", "number": "a number", "flag": "true or false", "text": "a text"}
UNKNOWN = "not known"
# A field of the traits, and what its row is called. `formats` and `identity` have rows of their own.
ROWS = {
    "new_jobs": "takes new jobs",
    "reported": "nobody is asked: whoever trains reports",
    "settles_after": "a late job shows after, at most",
    "lists_states": "tells many states in one list",
    "webhooks": "webhooks when a job ends",
    "wandb": "shows jobs at Weights & Biases",
    "events": "job log",
    "metrics": "curves while it runs",
    "checkpoints": "checkpoints",
    "pause": "pause and resume",
    "deployment": "deployment of a tuned model",
    "weights": "weights can be downloaded",
    "imports_models": "takes weights from elsewhere",
    "deletes_models": "tuned models can be deleted",
    "model_limits": "ranges of hyperparameters by model",
    "quote": "price before a job",
    "cost": "price after a job",
    "min_examples": "fewest training rows",
    "max_examples": "most training rows",
    "max_validation_rows": "most validation rows",
    "max_file_bytes": "largest training file",
    "suffix_length": "longest suffix",
    "seed": "seed",
    "weights_per_message": "weight 0 leaves a message out",
    "tools": "tool calls are trained",
}
SECTIONS = frozenset(
    {"name", "formats", "identity", "secret", "options", "parameters", "closed_hint", "needs_secret", "needs_address"}
)


def update(page: Path = PAGE) -> None:
    """Write the tables between the page's markers."""
    page.write_text(fill(page.read_text()))


def fill(text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{build_tables(TRAITS)}\n{END}{after}"


def build_tables(traits: Mapping[str, Traits]) -> str:
    """All providers side by side, then a section for each. Kinds with the same traits are one column."""
    kinds: dict[str, list[str]] = {}
    for kind, each in traits.items():
        kinds.setdefault(each.name, []).append(kind)
    providers = {name: traits[names[0]] for name, names in kinds.items()}
    table = "\n".join(_list_rows(providers, kinds))
    return "\n".join([table, "", *(_describe(each, kinds[name]) for name, each in providers.items())])


def _list_rows(providers: Mapping[str, Traits], kinds: Mapping[str, list[str]]) -> Iterator[str]:
    columns = list(providers.values())
    yield _row("", list(providers))
    yield "|---" * (len(columns) + 1) + "|"
    yield _row("kind of connection", [_code(kinds[name]) for name in providers])
    yield _row("methods, with the file's format", [_describe_formats(each) for each in columns])
    yield _row("a job is known again by", [IDENTITIES[each.identity] for each in columns])
    yield _row("a repeated create is one job", [_show(each.identity in IDEMPOTENT) for each in columns])
    for field, label in ROWS.items():
        yield _row(label, [_show_field(field, getattr(each, field)) for each in columns])


def _describe(traits: Traits, kinds: list[str]) -> str:
    lines = [f"### {traits.name}", ""]
    if traits.closed_hint:
        lines += [traits.closed_hint, ""]
    url = DEFAULT_URLS.get(kinds[0])
    lines += [
        f"**Secret.** {traits.secret}",
        "",
        *([f"**Address.** `{url}`, unless you give another.", ""] if url else []),
    ]
    if traits.options:
        lines += ["| option | | what it says |", "|---|---|---|"]
        for name, option in traits.options.items():
            lines.append(f"| `{name}` | {'required' if option.required else ''} | {option.description} |")
        lines.append("")
    if traits.parameters:
        lines += ["| hyperparameter | methods | value | default |", "|---|---|---|---|", *_list_parameters(traits), ""]
    return "\n".join(lines)


def _list_parameters(traits: Traits) -> Iterator[str]:
    """One line a parameter, or several where methods differ in it."""
    methods: dict[tuple[str, Parameter], list[str]] = {}
    for method, parameters in traits.parameters.items():
        for name, parameter in parameters.items():
            methods.setdefault((name, parameter), []).append(method)
    for (name, parameter), names in methods.items():
        of = "all" if len(names) == len(traits.formats) else ", ".join(names)
        default = "" if parameter.default is None else f"`{_write(parameter.default)}`"
        yield f"| `{name}` | {of} | {_describe_value(parameter)} | {default} |"


def _describe_value(parameter: Parameter) -> str:
    kind = KINDS[parameter.kind]
    bounds = (("at least", parameter.minimum), ("above", parameter.above), ("at most", parameter.maximum))
    limits = ", ".join(f"{word} {_write(bound)}" for word, bound in bounds if bound is not None)
    choices = _code(parameter.choices)
    if parameter.kind == "text" and choices:
        return choices
    return " or ".join(filter(None, [" ".join(filter(None, [kind, limits])), choices]))


def _write(value: Any) -> str:
    """As JSON has it, but without an exponent."""
    if isinstance(value, float):
        return format(Decimal(str(value)), "f")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _describe_formats(traits: Traits) -> str:
    return "<br>".join(f"{method}: `{name}`" for method, name in traits.formats.items())


def _show_field(field: str, value: Any) -> str:
    if field == "deployment":
        return DEPLOYMENTS[value]
    if field == "suffix_length":
        return "takes none" if value is None else f"{value} characters"
    if field == "settles_after":
        return f"{value:g} s"
    if field == "max_file_bytes" and value is not None:
        return f"{value / 2**30:g} GiB" if value % 2**30 == 0 else f"{value / 1e6:,g} MB"
    return _show(value)


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return UNKNOWN if value is None else f"{value:,}"


def _code(words: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _row(label: str, cells: list[str]) -> str:
    return f"| {label} | {' | '.join(cells)} |"
