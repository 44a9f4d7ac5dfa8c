"""Answers in a schema: every part filled with what its name and the prompt make plausible."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from service.sandbox.base_model import classifier as classifying
from service.sandbox.base_model import judge as judging
from service.sandbox.base_model.request_reader import Reading
from service.sandbox.base_model.text_analysis import sentences, telling
from service.sandbox.base_model.text_generator import Inventor
from service.sandbox.base_model.text_questions import Grounded, answer_in
from service.sandbox.json_schemas import field_roles as roles
from service.sandbox.json_schemas import openai_schemas as schemas
from service.sandbox.json_schemas import patterns

MOST_DEEP = 6  # levels; below it what may be empty is
USUAL = 3  # items of a list when nobody says how many
MOST_ITEMS = 200
MOST_PARTS = 20_000  # of an answer; when they are used up, lists end
VERDICTS = dict.fromkeys(("pass", "passed", "yes", "good", "correct", "met"), True) | dict.fromkeys(
    ("fail", "failed", "no", "bad", "incorrect", "not met"), False
)
LISTING = frozenset(("name", "requirement", "criterion", "id", "key"))  # in a list, one entry for each of them
TIES = ("tie", "draw", "equal", "both", "neither", "same")


class Filling:
    """Fills one answer. `taught` is what a tuned model says, and goes where the answer goes."""

    def __init__(self, schema: schemas.Schema, reading: Reading, *, taught: str | None, chance: Random) -> None:
        self._root = schema
        self._reading = reading
        self._taught = taught
        self._chance = chance
        self._inventor = Inventor(reading.topic, reading.prompt, chance)
        self._grounded = Grounded(reading.passage, reading.prompt, chance) if reading.passage else None
        self._parts = 0
        self._pairs: dict[str, tuple[str, str]] = {}
        self.choices: list[tuple[str, object, Mapping[str, float]]] = []

    def filled(self) -> Any:
        return self._fill(self._root, "", {}, 0)

    def _fill(self, given: schemas.Schema, name: str, beside: dict[str, Any], deep: int) -> Any:
        schema = schemas.resolved(given, self._root) or {}
        self._parts += 1
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._chosen(schema["enum"], name, beside)
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self._fill(self._option(options, deep), name, beside, deep)
        if schemas.kind_of(schema) == "object":
            return self._object(schema, name, beside, deep)
        if schemas.kind_of(schema) == "array":
            return self._array(schema, name, beside, deep)
        return self._plain(schema, name, beside)

    def _plain(self, schema: schemas.Schema, name: str, beside: dict[str, Any]) -> Any:
        match schemas.kind_of(schema):
            case "number" | "integer":
                return self._number(schema, name, beside)
            case "boolean":
                return self._boolean(schema, name, beside)
            case "null":
                return None
            case _:
                return self._string(schema, name, beside)

    def _option(self, options: Sequence[schemas.Schema], deep: int) -> schemas.Schema:
        known = [schemas.resolved(one, self._root) or {} for one in options]
        real = [one for one in known if one.get("type") != "null"] or known
        if deep > MOST_DEEP and len(real) < len(known):
            return {"type": "null"}
        flat = [one for one in real if schemas.kind_of(one) not in ("object", "array")]
        return self._chance.choice(flat if deep > MOST_DEEP and flat else real)

    def _object(self, schema: schemas.Schema, name: str, around: dict[str, Any], deep: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        outer = {"": name, **{key: value for key, value in around.items() if key == "#"}}
        for key, part in (schema.get("properties") or {}).items():
            if deep <= MOST_DEEP or key in (schema.get("required") or ()):
                # A judge asked about each requirement has it as the key of an object, or as a field beside the mark.
                made[key] = self._fill(part, key, {**outer, **made}, deep + 1)
        return made

    def _array(self, schema: schemas.Schema, name: str, beside: dict[str, Any], deep: int) -> list[Any]:
        items = schemas.resolved(schema.get("items") or {"type": "string"}, self._root) or {}
        least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", MOST_ITEMS))
        wanted = self._reading.wanted(name or "items") if deep <= 2 else None  # noqa: PLR2004 - deeper lists are details
        count = least if deep > MOST_DEEP else max(least, min(most, wanted or max(least, USUAL), MOST_ITEMS))
        if options := [one for one in items.get("enum") or () if isinstance(one, str)]:
            return self._several(options, min(count, wanted or 1) if least <= 1 else count)
        made: list[Any] = []
        while len(made) < count and self._parts < MOST_PARTS:
            made.append(self._fill(items, name, {**beside, "#": len(made)}, deep + 1))
        return made

    def _several(self, options: list[str], count: int) -> list[str]:
        ranked = list(classifying.chosen(options, self._reading))
        return [ranked[at % len(ranked)] for at in range(count)]

    def _chosen(self, options: list[Any], name: str, beside: dict[str, Any]) -> Any:
        numbers = [one for one in options if isinstance(one, int | float) and not isinstance(one, bool)]
        texts = [one for one in options if isinstance(one, str)]
        if len(numbers) == len(options):
            return self._marked(numbers, name, beside)
        if len(texts) < 2:  # noqa: PLR2004
            return options[0]
        if "#" in beside and not LISTING.isdisjoint(roles.parts(name)):
            return texts[beside["#"] % len(texts)]
        chances = self._of_verdicts(texts, beside) or self._of_sides(texts) or classifying.chosen(texts, self._reading)
        best = max(chances, key=lambda text: chances[text])
        self.choices.append((name, best, chances))
        return best

    def _of_verdicts(self, options: list[str], beside: dict[str, Any]) -> dict[str, float] | None:
        known = {option: VERDICTS[option.lower()] for option in options if option.lower() in VERDICTS}
        if len(known) < 2 or len(options) > 3:  # noqa: PLR2004
            return None
        quality = self._quality(beside)
        weights = {
            option: 0.02 + (quality if known.get(option) else 1 - quality) ** 2 * (option in known)
            for option in options
        }
        total = sum(weights.values())
        return {option: weight / total for option, weight in weights.items()}

    def _of_sides(self, options: list[str]) -> dict[str, float] | None:
        """A pair's winner: the better one, or a tie when there is next to nothing between them."""
        kinds = {option: _side(option) for option in options}
        if not {"a", "b"} <= set(kinds.values()) or None in kinds.values():
            return None
        pair = judging.sides(self._reading)
        ahead = pair[0].quality - pair[1].quality if pair else 0.0
        marks = {"a": 0.5 + 4 * ahead, "b": 0.5 - 4 * ahead, "tie": 0.65}
        weights = {option: 4.0 ** min(4.0, max(-4.0, marks[kind or "tie"] * 2)) for option, kind in kinds.items()}
        return {option: weight / sum(weights.values()) for option, weight in weights.items()}

    def _number(self, schema: schemas.Schema, name: str, beside: dict[str, Any]) -> Any:
        whole = schema.get("type") == "integer" or "integer" in (schema.get("type") or ())
        step = schema.get("multipleOf") or (1 if whole else 0.01)
        is_mark = not roles.SCORES.isdisjoint(roles.parts(name))
        usual = (1, 5) if is_mark and whole else (0, 1) if not whole else (1, 100)
        least = schema.get("minimum", schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else None)
        most = schema.get("maximum", schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else None)
        low = least if least is not None else min(usual[0], most) if most is not None else usual[0]
        high = most if most is not None else max(usual[1], low)
        first = -(-low // step)
        places = int(high // step - first)
        if is_mark and places <= 20:  # noqa: PLR2004 - a scale that a judge can weigh point by point
            return self._marked(
                [_rounded((first + at) * step, whole=whole) for at in range(max(0, places) + 1)], name, beside
            )
        at = round(self._quality(beside) * places) if is_mark else self._chance.randint(0, max(0, places))
        return _rounded((first + at) * step, whole=whole)

    def _marked(self, options: list[Any], name: str, beside: dict[str, Any]) -> Any:
        ranked = sorted(options)
        own = self._quality(beside) * (len(ranked) - 1)
        chances = judging.around(own, list(range(len(ranked))))
        chosen = ranked[min(range(len(ranked)), key=lambda at: abs(at - own))]
        self.choices.append((name, chosen, {str(ranked[int(at)]): share for at, share in chances.items()}))
        return chosen

    def _boolean(self, schema: schemas.Schema, name: str, beside: dict[str, Any]) -> bool:
        says = {*roles.parts(name), *roles.parts(str(schema.get("description", "")))}
        if says.isdisjoint(roles.PASSES):
            return bool(set(telling(name.replace("_", " "))) & set(telling(self._reading.asked)))
        quality = self._quality(beside)
        chosen = quality >= judging.PASSING
        sure = max(0.05, min(0.95, quality))
        self.choices.append((name, chosen, {"true": sure, "false": 1 - sure}))
        return chosen

    def _quality(self, beside: dict[str, Any]) -> float:
        return judging.compared(self._reading, _criterion(beside)).quality

    def _string(self, schema: schemas.Schema, name: str, beside: dict[str, Any]) -> str:
        words = telling(self._reading.topic) or ["topic"]
        form = schema.get("format")
        if isinstance(form, str) and (made := patterns.of_format(form, words, self._chance)):
            return made
        said = self._said(roles.role(name, str(schema.get("description", "")), self._reading), beside)
        if isinstance(pattern := schema.get("pattern"), str):
            said = patterns.matching(pattern, [said, *words], self._chance)
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        while len(said) < least:
            said = f"{said} {self._inventor.headline()}".strip()
        return said[: int(most)].rstrip() if most is not None and len(said) > most else said

    def _said(self, role: roles.Role, beside: dict[str, Any]) -> str:  # noqa: PLR0911 - one for each role
        match role:
            case "topic":
                return self._inventor.subtopic()
            case "headline":
                return self._taught or self._inventor.headline()
            case "question":
                return self._pair(beside)[0]
            case "quote":
                return self._pair(beside)[1]
            case "reason":
                return judging.compared(self._reading, _criterion(beside)).reason
            case "answer":
                return self._answer(beside)
            case _:
                return self._inventor.summary()

    def _answer(self, beside: dict[str, Any]) -> str:
        if self._taught:
            return self._taught
        if not self._grounded:
            text = next((str(value) for key, value in beside.items() if len(key) > 1 and isinstance(value, str)), None)
            return sentences(text)[0] if text else self._inventor.headline()
        if any(isinstance(value, str) and value.endswith("?") for value in beside.values()):
            return self._pair(beside)[1]
        return answer_in(self._reading.passage or "", self._reading.labelled("question") or self._reading.asked)

    def _pair(self, beside: dict[str, Any]) -> tuple[str, str]:
        """The question of this object and its answer: the same pair for all of its fields."""
        if self._grounded is None:
            return self._inventor.question(), self._inventor.summary()
        known = next((value for value in beside.values() if isinstance(value, str) and value in self._pairs), None)
        if known is None:
            question, sentence = self._grounded.pair()
            self._pairs[question] = self._pairs[sentence] = (question, sentence)
            return question, sentence
        return self._pairs[known]


def _side(option: str) -> str | None:
    """Which answer of a pair an option means."""
    said = roles.parts(option)
    if any(word in TIES for word in said):
        return "tie"
    return next((side for side, names in judging.SIDES.items() if said and said[-1] in names), None)


def _criterion(beside: dict[str, Any]) -> str:
    """What stands beside a mark and may say what is marked: the name of a requirement, or the requirement itself."""
    return " ".join(str(value) for key, value in beside.items() if isinstance(value, str) and key != "reason")


def _rounded(value: float, *, whole: bool) -> float | int:
    return int(value) if whole else round(value, 6)
