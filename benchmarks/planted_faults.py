"""Rows of a dataset in which every hundredth or so has a fault, and which fault each has."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

Content = dict[str, Any]
WORDS = {
    "who": (
        "engineer gardener teacher council neighbor baker pilot nurse farmer painter reader driver tailor "
        "clerk judge carpenter librarian fisherman chemist plumber singer tourist student builder author "
        "banker dentist miner sailor mayor editor guide shepherd waiter jeweler hunter potter weaver printer "
        "grocer"
    ),
    "did": (
        "repaired planted measured counted carried opened described painted cleaned bought borrowed collected "
        "compared delivered designed explained finished followed gathered guarded ignored invented joined "
        "lifted mended noticed ordered packed praised printed questioned raised recorded removed rented "
        "replaced returned sketched sorted tested"
    ),
    "how": (
        "quiet broken green wooden early distant narrow heavy careful modern rusty golden cheap crowded "
        "famous gentle hollow icy large lonely muddy neat odd plain rapid round salty sharp shiny slow small "
        "soft steep strange tall tiny warm wild young ancient"
    ),
    "what": (
        "bridge ladder garden letter engine window basket lantern orchard wheel market harbor kettle carpet "
        "compass blanket mirror tunnel hammer fountain chimney drawer pillow candle bottle wagon saddle "
        "anchor barrel bucket cabinet curtain fence gate kitchen map notebook oven pocket quilt"
    ),
    "where": (
        "by the river|behind the station|near the old mill|under the roof|across the valley|"
        "in the north of the town|beside the school|along the coast|above the bakery|"
        "at the edge of the forest|inside the museum|on the island|around the lake|outside the theater|"
        "below the castle|next to the hospital"
    ),
    "when": (
        "last winter|before sunrise|after the storm|on Monday|during the festival|in early spring|"
        "two weeks ago|at noon|since the flood|every evening|once a year|late in August|on the first day|"
        "throughout the summer"
    ),
}
LISTS = {name: words.split("|") if "|" in words else words.split() for name, words in WORDS.items()}
FRENCH = (
    "Le conseil municipal a voté hier soir pour planter mille arbres le long de la rivière, et les habitants "
    "du quartier ont accueilli cette décision avec beaucoup de joie"
)
GERMAN = (
    "Der Stadtrat hat gestern Abend beschlossen, tausend Bäume am Ufer des Flusses zu pflanzen, und die Bewohner des "
    "Viertels haben diese Entscheidung mit großer Freude aufgenommen"
)
CATEGORIES = ("praise", "complaint", "question")
PERSONAL = (
    "anna.smith{n}@mail-of-anna.com",
    "+49 30 9018{n:04d}",
    "(415) 86{d}-{n:04d}",
    "DE89 3704 0044 0532 0130 00",
    "5500 0055 5555 5559",
    "536-22-{n:04d}",
    "81.2.69.{b}",
)
SECRETS = (
    "AKIA{upper}",
    "ghp_{long}",
    "sk-proj-{long}",
    "sk-ant-api03-{long}",
    "hf_{long}",
    "-----BEGIN RSA PRIVATE KEY-----",
    "postgres://admin:{long}@db.internal/app",
    "xoxb-{digits}-{low}",
)
LETTERS = "abcdefghijkmnopqrstuvwxyz0123456789"


class Planted:
    """Makes rows, and remembers by fault the ids of those that have it. The same seed makes the same rows."""

    def __init__(self, rows: int, *, seed: int = 1, share: float = 0.005) -> None:
        self.random = random.Random(seed)
        self.rows = rows
        self.each = max(2, round(rows * share))
        self.planted: dict[str, set[UUID]] = defaultdict(set)

    def sentence(self) -> str:
        pick = {name: self.random.choice(words) for name, words in LISTS.items()}
        how, what, where = (self.random.choice(LISTS[name]) for name in ("how", "what", "where"))
        return (
            f"The {pick['how']} {pick['who']} {pick['did']} the {how} {pick['what']} {pick['where']} {pick['when']}, "
            f"while a {self.random.choice(LISTS['who'])} {self.random.choice(LISTS['did'])} the {what} {where}."
        )

    def text(self, least: int, most: int) -> str:
        return " ".join(self.sentence() for _ in range(self.random.randint(least, most)))

    def content(self) -> Content:
        question = f"{self.text(1, 2)} What does that tell about {self.sentence()[:-1].lower()}?"
        answer = {"role": "assistant", "content": self.text(2, 3)}
        return {"messages": [{"role": "user", "content": question}, answer]}

    def make(self) -> Iterator[dict[str, Any]]:
        """Rows as the scan reads them, in the order of their ids."""
        rows = self._make_in_any_order()
        self.random.shuffle(rows)
        numbers = {id(row): number for number, (row, _, _) in enumerate(rows)}
        for number, (row, fault, partner) in enumerate(rows):
            row["id"] = str(UUID(int=number + 1))
            if fault:
                self.planted[fault].add(UUID(int=number + 1))
                if fault in ("contradiction", "near_duplicate", "leakage") and partner is not None:
                    self.planted["contradiction"].add(UUID(int=numbers[id(partner)] + 1))
                    self.planted["contradiction"].add(UUID(int=number + 1))
        yield from (row for row, _, _ in rows)

    def _make_in_any_order(self) -> list[tuple[dict[str, Any], str, dict[str, Any] | None]]:
        rows: list[tuple[dict[str, Any], str, dict[str, Any] | None]] = []
        for fault, make in FAULTS.items():
            rows += [(self._row(make(self)), fault, None) for _ in range(self.each)]
        for fault in PAIRS:
            for _ in range(self.each):
                original = self._row(self.content())
                rows += [(original, "", None), (self._repeat(original, fault), fault, original)]
        for _ in range(self.each):
            rows.append((self._row(self.content()) | {"score": 1.5, "checked": True}, "low_rated", None))
            label = {"answers": {"category": ["insult"]}}
            rows.append((self._row(self.content()) | {"label": label}, "unknown_category", None))
        rows += [(self._row(self.content()), "", None) for _ in range(self.rows - len(rows))]
        return rows

    def _row(self, content: Content, split: str | None = None) -> dict[str, Any]:
        share = self.random.random()
        return {
            "id": "",
            "split": split or ("train" if share < 0.8 else "validation" if share < 0.9 else "test"),
            "source": {"type": "import", "import_id": str(UUID(int=1 + self.random.randrange(3)))},
            "score": self.random.choice([None, 4.0, 5.0]),
            "label": {"answers": {"category": [self.random.choice(CATEGORIES)]}},
            "checked": self.random.random() < 0.5,
            "content": content,
        }

    def _repeat(self, original: dict[str, Any], fault: str) -> dict[str, Any]:
        question, answer = (message["content"] for message in original["content"]["messages"])
        split = original["split"]
        if fault == "duplicate":
            question, answer = question.upper(), f"{answer} "
        elif fault in ("near_duplicate", "near_leakage"):
            words = answer.split()
            words[self.random.randrange(3, len(words) - 3)] = "altogether"
            answer = " ".join(words)
        elif fault == "contradiction":
            answer = self.text(2, 3)
        if fault in ("near_leakage", "leakage"):
            original["split"], split = "train", "test"
        if fault == "near_leakage":
            question = question.replace("What does that tell", "What does this tell")
        if fault == "leakage":
            answer = self.text(2, 3)
        messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer.rstrip()}]
        # Of two that are alike the better rated one stays; in a leak it is the one in train.
        original["score"] = 5.0
        return self._row({"messages": messages}, split) | {"score": None}


def _answer(content: Content) -> dict[str, Any]:
    message: dict[str, Any] = content["messages"][-1]
    return message


def _with_answer(change: Callable[[Planted, str], str]) -> Callable[[Planted], Content]:
    def make(planted: Planted) -> Content:
        content = planted.content()
        _answer(content)["content"] = change(planted, _answer(content)["content"])
        return content

    return make


def _unanswered(planted: Planted) -> Content:
    return {"messages": planted.content()["messages"][:1]}


def _blank_message(planted: Planted) -> Content:
    content = planted.content()
    content["messages"].insert(0, {"role": "user", "content": " \n"})
    content["messages"].insert(1, {"role": "assistant", "content": planted.text(1, 1)})
    return content


def _untrainable(planted: Planted) -> Content:
    content = planted.content()
    _answer(content)["weight"] = 0
    return content


def _with_tools(
    *, arguments: str = '{"city":"Oslo"}', has_result: bool = True, called: str = "get_temp"
) -> Callable[[Planted], Content]:
    def make(planted: Planted) -> Content:
        content = planted.content()
        call = {"id": "c1", "type": "function", "function": {"name": called, "arguments": arguments}}
        between = [{"role": "assistant", "content": None, "tool_calls": [call]}]
        if has_result:
            between.append({"role": "tool", "tool_call_id": "c1", "content": "4 degrees"})
        content["messages"][1:1] = between
        return content | {"tools": [{"type": "function", "function": {"name": "get_temp"}}]}

    return make


def _too_long(planted: Planted) -> Content:
    content = planted.content()
    content["messages"][0]["content"] = planted.text(32, 36)
    return content


def _outlier(planted: Planted) -> Content:
    content = planted.content()
    _answer(content)["content"] = planted.text(220, 260)
    return content


def _personal(planted: Planted, answer: str) -> str:
    form = planted.random.choice(PERSONAL)
    number = planted.random.randrange(1000, 9999)
    return f"{answer} Write or call: {form.format(n=number, d=number % 10, b=1 + number % 250)} is right."


def _secret(planted: Planted, answer: str) -> str:
    pick = planted.random
    values = {
        "upper": "".join(pick.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)),
        "long": "".join(pick.choices(LETTERS, k=36)),
        "low": "".join(pick.choices(LETTERS, k=20)),
        "digits": "".join(pick.choices("123456789", k=12)),
    }
    return f"{answer} The key is {pick.choice(SECRETS).format(**values)} for now."


def _in_french(planted: Planted) -> Content:
    number = planted.random.randrange(10**6)
    messages = [
        {"role": "user", "content": f"{FRENCH} numéro {number}. Qu'en pensez-vous, {planted.random.random()} ?"},
        {
            "role": "assistant",
            "content": f"{planted.random.random()} {FRENCH}, sans aucun doute, dit le maire {number}.",
        },
    ]
    return {"messages": messages}


def _cut(planted: Planted, answer: str) -> str:
    return answer[: planted.random.randint(90, len(answer) - 20)].rstrip(" .,") + planted.random.choice([" the", ","])


def _as_json(planted: Planted, answer: str) -> str:
    return json.dumps({"answer": answer[:-1] + str(planted.random.random())})


FAULTS: dict[str, Callable[[Planted], Content]] = {
    "unanswered": _unanswered,
    "blank_answer": _with_answer(lambda planted, _: planted.random.choice(["  \n", "", "\t"])),
    "blank_message": _blank_message,
    "untrainable": _untrainable,
    "bad_tool_arguments": _with_tools(arguments="{city: Oslo}"),
    "missing_tool_result": _with_tools(has_result=False),
    "undeclared_tool": _with_tools(called="get_wind"),
    "truncated_answer": _with_answer(_cut),
    "inconsistent_format": _with_answer(_as_json),
    "too_long": _too_long,
    "length_outlier": _outlier,
    "language_outlier": _in_french,
    "language_mismatch": _with_answer(lambda planted, _: f"{GERMAN} ({planted.random.random()})."),
    "personal_data": _with_answer(_personal),
    "secret": _with_answer(_secret),
}
PAIRS = ("duplicate", "near_duplicate", "contradiction", "leakage", "near_leakage")
# Faults that another one brings along, rightly.
COMPANIONS = {
    "too_long": {"length_outlier"},
    "length_outlier": {"too_long", "language_outlier"},
    "language_outlier": {"language_mismatch"},
    "near_duplicate": {"duplicate", "near_leakage", "language_outlier", "language_mismatch"},
    "inconsistent_format": {"truncated_answer"},
}
