"""Fill a schema with values that suit its field names and the prompt."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from service.sandbox.base_model import classifier, judge
from service.sandbox.base_model.request_reader import RequestReader
from service.sandbox.base_model.text_analysis import find_content_words, split_sentences
from service.sandbox.base_model.text_generator import TextGenerator
from service.sandbox.base_model.text_questions import QuestionGenerator, find_answer
from service.sandbox.json_schemas import field_roles, openai_schemas, patterns

MAX_DEPTH = 6  # levels; deeper optional parts stay empty
DEFAULT_ITEMS = 3  # items of a list when no number is requested
MAX_ITEMS = 200
MAX_PARTS = 20_000  # of an answer; then lists end
VERDICTS = dict.fromkeys(("pass", "passed", "yes", "good", "correct", "met"), True) | dict.fromkeys(
    ("fail", "failed", "no", "bad", "incorrect", "not met"), False
)
LISTING = frozenset(("name", "requirement", "criterion", "id", "key"))  # in a list, one entry for each of them
TIES = ("tie", "draw", "equal", "both", "neither", "same")


class SchemaFiller:
    """Fills one answer. `tuned_text` is a tuned model's answer, which goes into the answer field."""

    def __init__(
        self, schema: openai_schemas.Schema, reading: RequestReader, *, tuned_text: str | None, random: Random
    ) -> None:
        self._root = schema
        self._reading = reading
        self._tuned_text = tuned_text
        self._random = random
        self._generator = TextGenerator(reading.topic, reading.prompt, random)
        self._questions = QuestionGenerator(reading.passage, reading.prompt, random) if reading.passage else None
        self._parts = 0
        self._pairs: dict[str, tuple[str, str]] = {}
        self.choices: list[tuple[str, object, Mapping[str, float]]] = []

    def fill(self) -> Any:
        return self._fill(self._root, "", {}, 0)

    def _fill(self, schema_or_ref: openai_schemas.Schema, name: str, siblings: dict[str, Any], depth: int) -> Any:
        schema = openai_schemas.resolve_ref(schema_or_ref, self._root) or {}
        self._parts += 1
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._choose(schema["enum"], name, siblings)
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self._fill(self._pick_option(options, depth), name, siblings, depth)
        if openai_schemas.find_type(schema) == "object":
            return self._fill_object(schema, name, siblings, depth)
        if openai_schemas.find_type(schema) == "array":
            return self._fill_array(schema, name, siblings, depth)
        return self._fill_plain(schema, name, siblings)

    def _fill_plain(self, schema: openai_schemas.Schema, name: str, siblings: dict[str, Any]) -> Any:
        match openai_schemas.find_type(schema):
            case "number" | "integer":
                return self._fill_number(schema, name, siblings)
            case "boolean":
                return self._fill_boolean(schema, name, siblings)
            case "null":
                return None
            case _:
                return self._fill_string(schema, name, siblings)

    def _pick_option(self, options: Sequence[openai_schemas.Schema], depth: int) -> openai_schemas.Schema:
        known = [openai_schemas.resolve_ref(one, self._root) or {} for one in options]
        not_null = [one for one in known if one.get("type") != "null"] or known
        if depth > MAX_DEPTH and len(not_null) < len(known):
            return {"type": "null"}
        flat = [one for one in not_null if openai_schemas.find_type(one) not in ("object", "array")]
        return self._random.choice(flat if depth > MAX_DEPTH and flat else not_null)

    def _fill_object(
        self, schema: openai_schemas.Schema, name: str, outer_siblings: dict[str, Any], depth: int
    ) -> dict[str, Any]:
        value: dict[str, Any] = {}
        outer = {"": name, **{key: value for key, value in outer_siblings.items() if key == "#"}}
        for key, part in (schema.get("properties") or {}).items():
            if depth <= MAX_DEPTH or key in (schema.get("required") or ()):
                # A judge's requirement is the key of an object, or a field next to the score.
                value[key] = self._fill(part, key, {**outer, **value}, depth + 1)
        return value

    def _fill_array(self, schema: openai_schemas.Schema, name: str, siblings: dict[str, Any], depth: int) -> list[Any]:
        items = openai_schemas.resolve_ref(schema.get("items") or {"type": "string"}, self._root) or {}
        low_bound, high_bound = int(schema.get("minItems", 0)), int(schema.get("maxItems", MAX_ITEMS))
        requested = self._reading.find_count(name or "items") if depth <= 2 else None  # noqa: PLR2004 - deeper lists are details
        count = (
            low_bound
            if depth > MAX_DEPTH
            else max(low_bound, min(high_bound, requested or max(low_bound, DEFAULT_ITEMS), MAX_ITEMS))
        )
        if options := [one for one in items.get("enum") or () if isinstance(one, str)]:
            return self._choose_several(options, min(count, requested or 1) if low_bound <= 1 else count)
        value: list[Any] = []
        while len(value) < count and self._parts < MAX_PARTS:
            value.append(self._fill(items, name, {**siblings, "#": len(value)}, depth + 1))
        return value

    def _choose_several(self, options: list[str], count: int) -> list[str]:
        ranked = list(classifier.rank_options(options, self._reading))
        return [ranked[index % len(ranked)] for index in range(count)]

    def _choose(self, options: list[Any], name: str, siblings: dict[str, Any]) -> Any:
        numbers = [one for one in options if isinstance(one, int | float) and not isinstance(one, bool)]
        texts = [one for one in options if isinstance(one, str)]
        if len(numbers) == len(options):
            return self._choose_mark(numbers, name, siblings)
        if len(texts) < 2:  # noqa: PLR2004
            return options[0]
        if "#" in siblings and not LISTING.isdisjoint(field_roles.split_name(name)):
            return texts[siblings["#"] % len(texts)]
        chances = (
            self._weigh_verdicts(texts, siblings)
            or self._weigh_sides(texts)
            or classifier.rank_options(texts, self._reading)
        )
        best = max(chances, key=lambda text: chances[text])
        self.choices.append((name, best, chances))
        return best

    def _weigh_verdicts(self, options: list[str], siblings: dict[str, Any]) -> dict[str, float] | None:
        known = {option: VERDICTS[option.lower()] for option in options if option.lower() in VERDICTS}
        if len(known) < 2 or len(options) > 3:  # noqa: PLR2004
            return None
        quality = self._quality(siblings)
        weights = {
            option: 0.02 + (quality if known.get(option) else 1 - quality) ** 2 * (option in known)
            for option in options
        }
        total = sum(weights.values())
        return {option: weight / total for option, weight in weights.items()}

    def _weigh_sides(self, options: list[str]) -> dict[str, float] | None:
        """Weigh the winner of a pair: the better answer, or a tie when they are close."""
        kinds = {option: _find_side(option) for option in options}
        if not {"a", "b"} <= set(kinds.values()) or None in kinds.values():
            return None
        pair = judge.judge_pair(self._reading)
        ahead = pair[0].quality - pair[1].quality if pair else 0.0
        marks = {"a": 0.5 + 4 * ahead, "b": 0.5 - 4 * ahead, "tie": 0.65}
        weights = {option: 4.0 ** min(4.0, max(-4.0, marks[kind or "tie"] * 2)) for option, kind in kinds.items()}
        return {option: weight / sum(weights.values()) for option, weight in weights.items()}

    def _fill_number(self, schema: openai_schemas.Schema, name: str, siblings: dict[str, Any]) -> Any:
        is_integer = schema.get("type") == "integer" or "integer" in (schema.get("type") or ())
        step = schema.get("multipleOf") or (1 if is_integer else 0.01)
        is_mark = not field_roles.SCORES.isdisjoint(field_roles.split_name(name))
        usual = (1, 5) if is_mark and is_integer else (0, 1) if not is_integer else (1, 100)
        low_bound = schema.get("minimum", schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else None)
        high_bound = schema.get("maximum", schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else None)
        low = low_bound if low_bound is not None else min(usual[0], high_bound) if high_bound is not None else usual[0]
        high = high_bound if high_bound is not None else max(usual[1], low)
        first = -(-low // step)
        steps = int(high // step - first)
        if is_mark and steps <= 20:  # noqa: PLR2004 - a scale that a judge can weigh point by point
            return self._choose_mark(
                [_round((first + index) * step, is_integer=is_integer) for index in range(max(0, steps) + 1)],
                name,
                siblings,
            )
        index = round(self._quality(siblings) * steps) if is_mark else self._random.randint(0, max(0, steps))
        return _round((first + index) * step, is_integer=is_integer)

    def _choose_mark(self, options: list[Any], name: str, siblings: dict[str, Any]) -> Any:
        ranked = sorted(options)
        score = self._quality(siblings) * (len(ranked) - 1)
        chances = judge.spread_around(score, list(range(len(ranked))))
        chosen = ranked[min(range(len(ranked)), key=lambda index: abs(index - score))]
        self.choices.append((name, chosen, {str(ranked[int(index)]): share for index, share in chances.items()}))
        return chosen

    def _fill_boolean(self, schema: openai_schemas.Schema, name: str, siblings: dict[str, Any]) -> bool:
        words_of_field = {*field_roles.split_name(name), *field_roles.split_name(str(schema.get("description", "")))}
        if words_of_field.isdisjoint(field_roles.PASSES):
            return bool(
                set(find_content_words(name.replace("_", " "))) & set(find_content_words(self._reading.last_user_text))
            )
        quality = self._quality(siblings)
        chosen = quality >= judge.PASSING
        confidence = max(0.05, min(0.95, quality))
        self.choices.append((name, chosen, {"true": confidence, "false": 1 - confidence}))
        return chosen

    def _quality(self, siblings: dict[str, Any]) -> float:
        return judge.judge_request(self._reading, _join_criterion(siblings)).quality

    def _fill_string(self, schema: openai_schemas.Schema, name: str, siblings: dict[str, Any]) -> str:
        words = find_content_words(self._reading.topic) or ["topic"]
        format_name = schema.get("format")
        if isinstance(format_name, str) and (value := patterns.build_formatted(format_name, words, self._random)):
            return value
        text = self._write(field_roles.find_role(name, str(schema.get("description", "")), self._reading), siblings)
        if isinstance(pattern := schema.get("pattern"), str):
            text = patterns.build_matching(pattern, [text, *words], self._random)
        low_bound, high_bound = int(schema.get("minLength", 0)), schema.get("maxLength")
        while len(text) < low_bound:
            text = f"{text} {self._generator.headline()}".strip()
        return text[: int(high_bound)].rstrip() if high_bound is not None and len(text) > high_bound else text

    def _write(self, role: field_roles.Role, siblings: dict[str, Any]) -> str:  # noqa: PLR0911 - one for each role
        match role:
            case "topic":
                return self._generator.subtopic()
            case "headline":
                return self._tuned_text or self._generator.headline()
            case "question":
                return self._pair(siblings)[0]
            case "quote":
                return self._pair(siblings)[1]
            case "reason":
                return judge.judge_request(self._reading, _join_criterion(siblings)).reason
            case "answer":
                return self._answer(siblings)
            case _:
                return self._generator.summary()

    def _answer(self, siblings: dict[str, Any]) -> str:
        if self._tuned_text:
            return self._tuned_text
        if not self._questions:
            text = next(
                (str(value) for key, value in siblings.items() if len(key) > 1 and isinstance(value, str)), None
            )
            return split_sentences(text)[0] if text else self._generator.headline()
        if any(isinstance(value, str) and value.endswith("?") for value in siblings.values()):
            return self._pair(siblings)[1]
        return find_answer(
            self._reading.passage or "", self._reading.find_labelled("question") or self._reading.last_user_text
        )

    def _pair(self, siblings: dict[str, Any]) -> tuple[str, str]:
        """The question and answer of this object: the same pair for all its fields."""
        if self._questions is None:
            return self._generator.question(), self._generator.summary()
        known = next((value for value in siblings.values() if isinstance(value, str) and value in self._pairs), None)
        if known is None:
            question, sentence = self._questions.pair()
            self._pairs[question] = self._pairs[sentence] = (question, sentence)
            return question, sentence
        return self._pairs[known]


def _find_side(option: str) -> str | None:
    """The answer of a pair that an option names."""
    text = field_roles.split_name(option)
    if any(word in TIES for word in text):
        return "tie"
    return next((side for side, names in judge.SIDES.items() if text and text[-1] in names), None)


def _join_criterion(siblings: dict[str, Any]) -> str:
    """Join the texts next to a score, which may name or state the requirement."""
    return " ".join(str(value) for key, value in siblings.items() if isinstance(value, str) and key != "reason")


def _round(value: float, *, is_integer: bool) -> float | int:
    return int(value) if is_integer else round(value, 6)
