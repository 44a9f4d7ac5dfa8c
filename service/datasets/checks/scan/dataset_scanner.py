"""Scan rows page by page, and keep of each only numbers. The report follows from them at the end."""

import hashlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import msgspec

from service.datasets.checks.rows.answer_shapes import AnswerShape, read_shape
from service.datasets.checks.rows.conversation import (
    Conversation,
    collect_private_text,
    read_conversation,
    split_answer,
)
from service.datasets.checks.rows.personal_details import find_personal_data
from service.datasets.checks.rows.row_structure import find_structure_faults
from service.datasets.checks.rows.secret_patterns import find_secrets
from service.datasets.checks.rows.target_fit import find_target_faults
from service.datasets.checks.rows.task_fit import TaskFit
from service.datasets.checks.rows.text_language import detect_language
from service.datasets.checks.scan.near_duplicates import NearDuplicates
from service.datasets.checks.scan.row_marks import RowMarks
from service.datasets.checks.scan_input import ScanPlan, ScanRow
from service.datasets.checks.shingles import normalize
from service.providers.training_rows.row_parts import Row
from service.providers.training_rows.token_counter import choose_usable, count_row_tokens

SPLITS = ("train", "validation", "test")
LOW_RATING = 3.0
# Lines that so many of the first rows share are the prompt's, and make no two rows alike.
MIN_LINE, MIN_LINE_SHARE, MIN_LINE_ROWS = 20, 0.2, 20
NUL = "\0"

MarkRow = Callable[[str, str], None]


class Columns:
    """What is kept of every row: some 330 bytes with its sketch, and no text."""

    def __init__(self) -> None:
        self.ids = bytearray()
        self.splits = array("B")
        self.rows = array("Q")
        self.questions = array("Q")
        self.answers = array("Q")
        self.tokens = array("I")
        self.answer_sizes = array("I")
        self.languages = array("B")
        self.question_languages = array("B")
        self.forms = array("B")
        self.keys = array("I")
        self.edges = array("B")
        self.cut = array("B")
        self.open = array("B")
        self.systems = array("B")
        self.categories = array("H")
        self.preferences = array("B")
        self.namings = array("B")
        self.scores = array("f")  # 0 is unrated


class Names:
    """Numbers for names; 0 is none."""

    def __init__(self) -> None:
        self.names = [""]
        self._numbers = {"": 0}

    def number(self, name: str | None, *, limit: int = 255) -> int:
        if not name:
            return 0
        if name not in self._numbers:
            if len(self.names) > limit:
                return 0
            self._numbers[name] = len(self.names)
            self.names.append(name)
        return self._numbers[name]


class DatasetScanner:
    """Takes pages of rows in the order of ids."""

    def __init__(self, plan: ScanPlan) -> None:
        self.plan = plan
        self.columns = Columns()
        self.marks: dict[tuple[str, str | None], RowMarks] = defaultdict(RowMarks)
        self.near = NearDuplicates()
        self.languages, self.forms, self.categories = Names(), Names(), Names()
        self.sources: Counter[str] = Counter()
        self.origins: Counter[tuple[str, str]] = Counter()
        self.rated = self.reviewed = self.unreviewed_synthetic = self.train_bytes = 0
        self.tokenizer = choose_usable(plan.tokenizer)
        self._task = TaskFit(plan)
        self._shared_lines: frozenset[str] | None = None

    def add(self, rows: Sequence[ScanRow]) -> None:
        talks = [read_conversation(row.content) for row in rows]
        if self._shared_lines is None:
            self._shared_lines = _find_shared_lines(talks)
        self._add_tokens([row.content for row in rows])
        for row, talk in zip(rows, talks, strict=True):
            self._add_row(row, talk)
        self.near.add([f"{self._drop_shared_lines(talk.question)}\n{talk.answer}" for talk in talks])

    def _add_tokens(self, contents: list[Row]) -> None:
        lengths = count_row_tokens(contents, self.tokenizer)
        self.columns.tokens.extend(min(length, 2**32 - 1) for length in lengths)

    def _add_row(self, row: ScanRow, talk: Conversation) -> None:
        number, columns = len(self.columns.splits), self.columns

        def mark(code: str, kind: str) -> None:
            self.marks[code, None].add(number, kind=kind)

        columns.ids += row.id.bytes
        columns.splits.append(SPLITS.index(row.split))
        columns.scores.append(row.score or 0.0)
        columns.preferences.append(bool(row.content.get("chosen")))
        columns.systems.append(bool(talk.system.strip()))
        self._add_hashes(row, talk)
        self._add_source(row)
        for code in find_structure_faults(row.content):
            mark(code, "")
        for target in self.plan.targets:
            for code, kind in find_target_faults(target, row.content, columns.tokens[number]):
                self.marks[code, target.name].add(number, kind=kind)
        self._add_shape(row.content, talk)
        language = self._add_language(talk)
        self._add_private(row.content, talk, language, mark)
        for code, kind in self._task.find_faults(row, talk):
            mark(code, kind)
        columns.namings.append(self._task.name_answer(talk))
        category = self._task.find_category(row.label, talk.answer_text)
        columns.categories.append(self.categories.number(category, limit=2**16 - 2))
        if row.score is not None and row.score < LOW_RATING:
            mark("low_rated", "")

    def _add_hashes(self, row: ScanRow, talk: Conversation) -> None:
        columns, question, answer = self.columns, normalize(talk.question), normalize(talk.answer)
        system = normalize(talk.system)
        rejected = row.content.get("rejected")
        lost = normalize(msgspec.json.encode(rejected).decode()) if rejected else ""
        columns.rows.append(_hash(system, question, answer, lost))
        columns.questions.append(_hash(system, question) if question else 0)
        columns.answers.append(_hash(answer))
        columns.answer_sizes.append(min(len(talk.answer), 2**32 - 1))

    def _add_source(self, row: ScanRow) -> None:
        kind = str(row.source["type"])
        origin = next((row.source[name] for name in ORIGINS if row.source.get(name)), "")
        self.sources[kind] += 1
        self.origins[kind, str(origin)] += 1
        self.rated += row.score is not None
        self.reviewed += row.checked
        self.unreviewed_synthetic += kind in ("synthetic", "document") and not row.checked
        if row.split == "train":
            self.train_bytes += len(msgspec.json.encode(row.content)) + 1

    def _add_shape(self, content: Row, talk: Conversation) -> None:
        _, answer = split_answer(content)
        calls_tools = bool(answer and answer.get("tool_calls"))
        shape = read_shape(talk.answer_text, calls_tools=calls_tools)
        columns = self.columns
        columns.forms.append(self.forms.number(_name_form(shape, calls_tools=calls_tools, text=talk.answer_text)))
        columns.keys.append(shape.keys)
        columns.edges.append(shape.edges and bool(talk.answer_text.strip()))
        columns.cut.append(shape.cut)
        columns.open.append(shape.open)

    def _add_language(self, talk: Conversation) -> str | None:
        asked = detect_language(talk.question)
        answered = detect_language(talk.answer_text)
        self.columns.question_languages.append(self.languages.number(asked))
        self.columns.languages.append(self.languages.number(answered or asked))
        return answered or asked

    def _add_private(self, content: Row, talk: Conversation, language: str | None, mark: MarkRow) -> None:
        texts = collect_private_text(content)
        for kind in sorted({str(datum.kind) for datum in find_personal_data(texts, language=language)}):
            mark("personal_data", kind)
        for kind in sorted({secret.kind for secret in find_secrets(f"{talk.system}\n{texts}")}):
            mark("secret", kind)

    def _drop_shared_lines(self, text: str) -> str:
        if not self._shared_lines:
            return text
        return "\n".join(line for line in text.split("\n") if line not in self._shared_lines)


ORIGINS = ("import_id", "generation_id", "document_id", "model", "name")


def _name_form(shape: AnswerShape, *, calls_tools: bool, text: str) -> str | None:
    if calls_tools:
        return "tool_call"
    return shape.form if text.strip() else None


def _hash(*texts: str) -> int:
    """Never 0, which stands for no text."""
    digest = hashlib.blake2b(NUL.join(texts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


def _find_shared_lines(talks: Sequence[Conversation]) -> frozenset[str]:
    if len(talks) < MIN_LINE_ROWS:
        return frozenset()
    counts = Counter(line for talk in talks for line in set(talk.question.split("\n")) if len(line) >= MIN_LINE)
    return frozenset(line for line, count in counts.items() if count >= MIN_LINE_SHARE * len(talks))
