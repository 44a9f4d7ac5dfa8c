"""What the rows are like together: the findings that no single row shows, and the figures. Pure."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from service.datasets.checks.domain import CheckFigures, TokenFigures
from service.datasets.checks.rows.task_fit import Naming
from service.datasets.checks.scan.dataset_scanner import SPLITS, DatasetScanner
from service.datasets.checks.scan.repeats import find_contradictions, find_leaks, find_repeats
from service.datasets.checks.scan.row_marks import RowMarks
from service.datasets.checks.scan_input import ScanFinding, ScanResult, ScanTarget

FEW_EXAMPLES, NOTICEABLE_EXAMPLES, FEW_TEST_ROWS = 50, 200, 30
RARE_CATEGORY_ROWS, RARE_CATEGORY_SHARE = 10, 0.2  # of what each would have if all had the same
DOMINANT_SHARE = 0.7
ONE_SOURCE_SHARE, SYNTHETIC_SHARE, UNRATED_SHARE = 0.95, 0.5, 0.5
MIN_ROWS = 20  # from which on it can be said what is usual
USUAL_SHARE = 0.9  # what so many rows have, the others lack
CLOSED_SHARE = 0.98
BARE_SHARE = 0.7
RARE_LANGUAGE_SHARE = 0.05
SAME_LANGUAGE_SHARE = 0.95
OUTLIER_DEVIATIONS = 6.0  # of a logarithm from its median
MIN_DEVIATION = 0.25  # where all rows are equally long, each is an outlier otherwise

Flags = npt.NDArray[np.bool_]
Values = dict[str, int | float | str]


def build_result(scanner: DatasetScanner) -> ScanResult:
    """Add what is found at the end to what was found on the way."""
    findings = [*_find_quantity(scanner), *_find_categories(scanner), *_find_sources(scanner)]
    if scanner.columns.splits:
        _mark_repeats(scanner)
        _mark_shapes(scanner)
        _mark_outliers(scanner)
        _mark_languages(scanner)
        _mark_namings(scanner)
    findings += [_build_finding(scanner, *key, marks) for key, marks in scanner.marks.items()]
    findings.sort(key=lambda finding: (finding.code, finding.target or ""))
    return ScanResult(figures=_build_figures(scanner), findings=findings)


def _build_finding(scanner: DatasetScanner, code: str, target: str | None, marks: RowMarks) -> ScanFinding:
    limit = next((each.max_tokens for each in scanner.plan.targets if each.name == target), None)
    values: Values = {} if target is None else {"target": target}
    if code == "too_long" and limit is not None:
        values["limit"] = limit
    return ScanFinding(
        code=code,
        target=target,
        count=marks.count_rows(),
        kinds=tuple(marks.kinds),
        kind_counts=marks.count_kinds(),
        values=values,
        records=marks.encode(scanner.columns.ids),
    )


def _count_splits(scanner: DatasetScanner) -> dict[str, int]:
    counts = Counter(scanner.columns.splits)
    return {name: counts[number] for number, name in enumerate(SPLITS) if counts[number]}


def _find_quantity(scanner: DatasetScanner) -> Iterator[ScanFinding]:
    splits = _count_splits(scanner)
    train = splits.get("train", 0) if scanner.plan.whole else len(scanner.columns.splits)
    if train < NOTICEABLE_EXAMPLES:
        code = "too_few_examples" if train < FEW_EXAMPLES else "few_examples"
        yield ScanFinding(code=code, count=train, values={"examples": train})
    test = splits.get("test", 0)
    if scanner.plan.whole and test < FEW_TEST_ROWS:
        yield ScanFinding(code="few_test_rows" if test else "no_test_rows", count=test, values={"examples": test})
    for target in scanner.plan.targets:
        yield from _find_target_limits(scanner, target, train)


def _find_target_limits(scanner: DatasetScanner, target: ScanTarget, train: int) -> Iterator[ScanFinding]:
    values: Values = {"target": target.name, "examples": train}
    if train < target.min_examples:
        limit = {"limit": target.min_examples}
        yield ScanFinding(code="too_few_for_target", target=target.name, count=train, values=values | limit)
    if target.max_examples is not None and train > target.max_examples:
        limit = {"limit": target.max_examples}
        yield ScanFinding(code="too_many_for_target", target=target.name, count=train, values=values | limit)
    size = scanner.train_bytes
    if target.max_file_bytes is not None and size > target.max_file_bytes:
        sizes: Values = {"target": target.name, "limit": target.max_file_bytes, "bytes": size}
        yield ScanFinding(code="file_too_large", target=target.name, count=train, values=sizes)


def _count_categories(scanner: DatasetScanner) -> dict[str, int]:
    counts = Counter(scanner.columns.categories)
    names = scanner.categories.names
    return {names[number]: count for number, count in sorted(counts.items()) if number}


def _find_categories(scanner: DatasetScanner) -> Iterator[ScanFinding]:
    questions = scanner.plan.questions
    counts = _count_categories(scanner)
    total = sum(counts.values())
    if not questions or total < MIN_ROWS:
        return
    wanted = [category.name for category in questions[0].categories]
    if missing := [name for name in wanted if name not in counts]:
        yield ScanFinding(code="missing_category", count=len(missing), values={"categories": _list_names(missing)})
    least = max(RARE_CATEGORY_ROWS, RARE_CATEGORY_SHARE * total / len(wanted))
    rare = {name for name in wanted if 0 < counts.get(name, 0) < least}
    if rare:
        yield _build_rare(scanner, rare)
    name, most = max(counts.items(), key=lambda item: (item[1], item[0]))
    if len(wanted) > 1 and most > max(DOMINANT_SHARE, 1.2 / len(wanted)) * total:
        values: Values = {"category": name, "percent": round(100 * most / total)}
        yield ScanFinding(code="dominant_category", count=most, values=values)


def _build_rare(scanner: DatasetScanner, rare: set[str]) -> ScanFinding:
    marks = RowMarks()
    for row, number in enumerate(scanner.columns.categories):
        if (name := scanner.categories.names[number]) in rare:
            marks.add(row, kind=name)
    return ScanFinding(
        code="rare_category",
        count=len(marks.rows),
        kinds=tuple(marks.kinds),
        kind_counts=marks.count_kinds(),
        values={"categories": len(rare)},
        records=marks.encode(scanner.columns.ids),
    )


def _list_names(names: list[str]) -> str:
    shown = ", ".join(names[:10])
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"  # noqa: PLR2004


def _find_sources(scanner: DatasetScanner) -> Iterator[ScanFinding]:
    total = len(scanner.columns.splits)
    if total < MIN_ROWS:
        return
    most = max(scanner.origins.values())
    if most >= ONE_SOURCE_SHARE * total:
        yield ScanFinding(code="one_source", count=most, values={"percent": _percent(most, total)})
    if scanner.unreviewed_synthetic >= SYNTHETIC_SHARE * total:
        count = scanner.unreviewed_synthetic
        yield ScanFinding(code="mostly_synthetic", count=count, values={"percent": _percent(count, total)})
    unrated = total - scanner.rated
    if unrated >= UNRATED_SHARE * total:
        yield ScanFinding(code="unrated", count=unrated, values={"percent": _percent(unrated, total)})


def _percent(count: int, total: int) -> int:
    """Rounded down, so that not all of them are 100%."""
    return 100 * count // total


def _mark_repeats(scanner: DatasetScanner) -> None:
    columns, marks = scanner.columns, scanner.marks
    rows, questions, answers = (
        np.frombuffer(column, dtype=np.uint64) for column in (columns.rows, columns.questions, columns.answers)
    )
    splits = np.frombuffer(columns.splits, dtype=np.uint8)
    scores = np.frombuffer(columns.scores, dtype=np.float32)
    exact = list(find_repeats(rows, scores, splits))
    _mark(scanner, "duplicate", exact)
    is_preference = np.frombuffer(columns.preferences, dtype=np.uint8) == 1
    _mark(scanner, "contradiction", list(find_contradictions(np.where(is_preference, 0, questions), answers)))
    leaks = list(find_leaks(questions, splits))
    _mark(scanner, "leakage", leaks)
    clusters = scanner.near.find_clusters()
    repeated, leaked = {row for row, _ in exact}, {row for row, _ in leaks}
    near = [pair for pair in find_repeats(clusters, scores, splits) if pair[0] not in repeated]
    _mark(scanner, "near_duplicate", near)
    alone = np.bincount(clusters, minlength=len(clusters))[clusters] == 1
    grouped = np.where(alone, -1 - np.arange(len(clusters)), clusters)
    _mark(scanner, "near_leakage", [pair for pair in find_leaks(grouped, splits) if pair[0] not in leaked])
    if is_preference.any() and not is_preference.all():
        rare = is_preference if is_preference.mean() <= 0.5 else ~is_preference  # noqa: PLR2004
        for row in np.flatnonzero(rare).tolist():
            marks["mixed_methods", None].add(row)


def _mark(scanner: DatasetScanner, code: str, pairs: list[tuple[int, int]]) -> None:
    if pairs:
        scanner.marks[code, None].add_all(pairs)


def _mark_flags(scanner: DatasetScanner, code: str, flags: Flags, kind: str = "") -> None:
    rows = np.flatnonzero(flags).tolist()
    if rows:
        marks = scanner.marks[code, None]
        for row in rows:
            marks.add(row, kind=kind)


def _mark_shapes(scanner: DatasetScanner) -> None:
    columns = scanner.columns
    forms = np.frombuffer(columns.forms, dtype=np.uint8)
    keys = np.frombuffer(columns.keys, dtype=np.uint32)
    is_cut, is_open = (np.frombuffer(each, dtype=np.uint8) == 1 for each in (columns.cut, columns.open))
    is_long = np.frombuffer(columns.answer_sizes, dtype=np.uint32) >= 80  # noqa: PLR2004 - as answer_shapes.MIN_LONG
    _mark_flags(scanner, "truncated_answer", is_cut)
    long_rows = is_long & ~is_cut
    if long_rows.sum() >= MIN_ROWS and (is_open & ~is_cut).sum() <= (1 - CLOSED_SHARE) * long_rows.sum():
        _mark_flags(scanner, "truncated_answer", is_open & ~is_cut)
    usual = _find_usual(forms)
    for number in sorted(set(forms.tolist()) - {0}) if usual else ():
        if number != usual and scanner.forms.names[number] != "tool_call":
            _mark_flags(scanner, "inconsistent_format", (forms == number) & ~is_cut, scanner.forms.names[number])
    is_object = keys != 0
    if usual_keys := _find_usual(keys):
        _mark_flags(scanner, "inconsistent_format", is_object & (keys != usual_keys), "other_keys")
    for name, flags in (("edge_blanks", columns.edges), ("instructions", columns.systems)):
        _mark_rare(scanner, np.frombuffer(flags, dtype=np.uint8) == 1, has=name)


def _find_usual(numbers: npt.NDArray[np.uint8] | npt.NDArray[np.uint32]) -> int | None:
    """The number that USUAL_SHARE of those have that have any."""
    present = numbers[numbers != 0]
    if len(present) < MIN_ROWS:
        return None
    values, counts = np.unique(present, return_counts=True)
    best = int(counts.argmax())
    return int(values[best]) if counts[best] >= USUAL_SHARE * len(present) else None


def _mark_rare(scanner: DatasetScanner, flags: Flags, *, has: str) -> None:
    """Mark the rows that have what hardly any has, or lack what nearly all have."""
    if len(flags) < MIN_ROWS or not 0 < flags.sum() < len(flags):
        return
    if flags.mean() <= 1 - USUAL_SHARE:
        _mark_flags(scanner, "inconsistent_format", flags, has)
    elif flags.mean() >= USUAL_SHARE and has != "edge_blanks":
        _mark_flags(scanner, "inconsistent_format", ~flags, f"no_{has}")


def _mark_outliers(scanner: DatasetScanner) -> None:
    for column, kind in ((scanner.columns.tokens, "row"), (scanner.columns.answer_sizes, "answer")):
        sizes = np.frombuffer(column, dtype=np.uint32)
        if len(sizes) < MIN_ROWS:
            return
        logarithms = np.log1p(sizes.astype(np.float64))
        middle = np.median(logarithms)
        deviation = max(1.4826 * float(np.median(np.abs(logarithms - middle))), MIN_DEVIATION)
        distance = (logarithms - middle) / deviation
        _mark_flags(scanner, "length_outlier", distance > OUTLIER_DEVIATIONS, f"long_{kind}")
        _mark_flags(scanner, "length_outlier", (distance < -OUTLIER_DEVIATIONS) & (sizes > 0), f"short_{kind}")


def _mark_languages(scanner: DatasetScanner) -> None:
    languages = np.frombuffer(scanner.columns.languages, dtype=np.uint8)
    asked = np.frombuffer(scanner.columns.question_languages, dtype=np.uint8)
    known = int((languages != 0).sum())
    if known < MIN_ROWS:
        return
    for number, count in sorted(Counter(languages[languages != 0].tolist()).items()):
        if count < RARE_LANGUAGE_SHARE * known:
            _mark_flags(scanner, "language_outlier", languages == number, scanner.languages.names[number])
    both = (languages != 0) & (asked != 0)
    differs = both & (languages != asked)
    if differs.sum() <= (1 - SAME_LANGUAGE_SHARE) * both.sum():
        _mark_flags(scanner, "language_mismatch", differs)


def _mark_namings(scanner: DatasetScanner) -> None:
    """Where nearly all answers are a bare category, the others are faults."""
    namings = np.frombuffer(scanner.columns.namings, dtype=np.uint8)
    asked = int((namings != Naming.UNASKED).sum())
    if asked >= MIN_ROWS and (namings == Naming.BARE).sum() >= BARE_SHARE * asked:
        _mark_flags(scanner, "unknown_category", namings == Naming.NONE, "answer")
        _mark_flags(scanner, "inconsistent_format", namings == Naming.INSIDE, "not_bare_category")


def _build_figures(scanner: DatasetScanner) -> CheckFigures:
    columns = scanner.columns
    languages = Counter(columns.languages)
    names = scanner.languages.names
    return CheckFigures(
        rows=len(columns.splits),
        splits=_count_splits(scanner),
        categories=_count_categories(scanner),
        sources=dict(sorted(scanner.sources.items())),
        languages={names[number]: count for number, count in languages.most_common() if number},
        rated=scanner.rated,
        reviewed=scanner.reviewed,
        tokens=_measure_tokens(scanner) if columns.splits else None,
    )


def _measure_tokens(scanner: DatasetScanner) -> TokenFigures:
    lengths = np.sort(np.frombuffer(scanner.columns.tokens, dtype=np.uint32))
    return TokenFigures(
        total=int(lengths.sum(dtype=np.uint64)),
        median=int(lengths[len(lengths) // 2]),
        p95=int(lengths[min(len(lengths) - 1, len(lengths) * 95 // 100)]),
        longest=int(lengths[-1]),
        tokenizer=scanner.tokenizer.name,
        exact=scanner.tokenizer.exact,
    )
