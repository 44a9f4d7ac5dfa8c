"""Reading: sentences, the words that carry a text, and where in a prompt the text is that it is about."""

import re

PIECE = re.compile(r"\A\s+|(?:\w+|[^\w\s])\s*")
SENTENCE_END = re.compile(r"(?<=[.!?])(?:[\"'\u201d\u2019)]*)\s+(?=[\"'\u201c\u2018(]?[^\Wa-z])|\n+")
WORD = re.compile(r"[^\W_]+(?:['\u2019.,-][^\W_]+)*")
TOKEN = re.compile(r"[^\W_]+(?:['\u2019.,-][^\W_]+)*|[^\w\s]")
CLOSING = re.compile(r"</(\w+)>")
LABEL = re.compile(
    r"^\s*(?:#+\s*|\*\*|\[)?([A-Za-z][A-Za-z '\-]{0,40}?(?: [A-Z0-9]{1,2})?)(?:\*\*|\])?\s*:(?:\*\*)?[ \t]*",
    re.MULTILINE,
)
LEAST_PASSAGE = 12  # words; what is shorter is a question or a topic, not a text to read
LONGEST_READ = 24_000  # characters of a message that are looked at; the rest only counts as tokens

_PARTICLES = """
a about above after again against all also am an and any are aren't as at be because been before being below
between both but by can cannot could did do does doing don't down during each either else ever every few for from
further had has have having he her here hers him his how however i if in into is isn't it its itself just least less
let many may me might more most much must my near neither next no nor not now of off often on once one only onto or
other our out over own per rather same shall she should since so some still such than that the their them then there
these they this those though through thus to too toward towards two under until up upon us very was we were what when
where which while who whom whose why will with within without would yet you your
"""
_ASKING = """
answer answers ask asked assistant below brief briefly category categories choose classify create creative
dataset describe diverse different distinct draft each example examples exactly expand explain following format
generate give given guidance headline headlines include input inputs instruction item items json key keys label
list make model name new news note object only output outputs pair pairs passage path please produce prompt prompts
provide question questions realistic reply request respond response return rewrite sample samples schema sentence
sentences short step strictly style subtopic subtopics suggest summaries summary task text texts title titles tone
topic topics training unique use user using value values varied vary want words write written
"""
EMPTY_WORDS = frozenset(_PARTICLES.split())
ASKING_WORDS = frozenset(_ASKING.split())


def pieces_of(text: str) -> list[str]:
    """The text in tokens: words and marks, each with the white space after it. Joined, they are the text."""
    return PIECE.findall(text)


def readable(text: str) -> str:
    """A text without its middle, where that is too long to be read."""
    half = LONGEST_READ // 2
    return text if len(text) <= LONGEST_READ else f"{text[:half]}\n{text[-half:]}"


def sentences(text: str) -> list[str]:
    return [one.strip() for one in SENTENCE_END.split(text) if one and one.strip()]


def telling(text: str) -> list[str]:
    """The words that carry a text, in lower case and in their order: no particles, and no words of asking."""
    found = (word.lower() for word in WORD.findall(text))
    return [word for word in found if word not in EMPTY_WORDS and word not in ASKING_WORDS]


def stem(word: str) -> str:
    """Enough of a word to tell `wins` and `winner` from others. Numbers and names are kept longer."""
    return word.lower()[: 4 if len(word) < 8 else 6]  # noqa: PLR2004 - short words differ early


def stem_of_copy(word: str) -> str:
    """What is left of a word when it is bent: five letters."""
    return word.lower()[:5]


def stems(text: str) -> set[str]:
    return {stem(word) for word in telling(text)}


def likeness(text: str, other: str) -> float:
    """Dice's coefficient of the telling words, 0 to 1."""
    ours, theirs = stems(text), stems(other)
    return (
        2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else float(text.strip() == other.strip())
    )


def share(text: str, whole: str) -> float:
    """How much of a text stands in another: the share of its telling words found there, 0 to 1."""
    ours = stems(text)
    return len(ours & stems(whole)) / len(ours) if ours else 0.0


def sections(prompt: str) -> list[tuple[str, str]]:
    """What a prompt sets apart, as (label in lower case, text): `Label: text`, `<label>text</label>`, headings too."""
    found = _tagged(prompt)
    marks = list(LABEL.finditer(prompt))
    ends = [mark.start() for mark in marks[1:]] + [len(prompt)]
    for mark, end in zip(marks, ends, strict=bool(marks)):
        text = prompt[mark.end() : end].strip().strip('"`').strip()
        found.append((mark[1].strip().lower(), text))
    return found


def _tagged(prompt: str) -> list[tuple[str, str]]:
    # From the closing tags back: a pattern for both would look for an end from each opening anew.
    found = []
    for closing in CLOSING.finditer(prompt):
        opening = prompt.rfind(f"<{closing[1]}>", 0, closing.start())
        if opening >= 0:
            text = prompt[opening + len(closing[1]) + 2 : closing.start()].strip()
            found.append((closing[1].lower().replace("_", " "), text))
    return found


def passage(prompt: str) -> str | None:
    """The longest text in a prompt that is there to be read: of what is fenced, else what is labelled, else all."""
    quoted = [text for mark in ('"""', "```") for text in prompt.split(mark)[1:-1:2]]
    fenced = [*quoted, *(text for _, text in _tagged(prompt))]
    labelled = [text for label, text in sections(prompt) if label not in ("guidance", "instructions", "schema")]
    for found in (fenced, labelled):
        prose = [text.strip() for text in found if _is_prose(text)]
        if prose:
            return max(prose, key=len)
    blocks = [block.strip() for block in prompt.split("\n\n") if _is_prose(block)]
    return max(blocks, key=len) if blocks else None


def _is_prose(text: str) -> bool:
    return len(text.split()) >= LEAST_PASSAGE and not text.lstrip().startswith(("{", "["))
