"""Split texts into sentences and content words, and find the passage of a prompt."""

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
MIN_PASSAGE_WORDS = 12  # words; a shorter text is a question or a topic
MAX_READ_CHARACTERS = 24_000  # characters of a message; the rest only counts as tokens

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


def split_tokens(text: str) -> list[str]:
    """Split into words and marks, each with the white space after it; joined, they are the text."""
    return PIECE.findall(text)


def cut_middle(text: str) -> str:
    """Cut out the middle of a text that is too long."""
    half = MAX_READ_CHARACTERS // 2
    return text if len(text) <= MAX_READ_CHARACTERS else f"{text[:half]}\n{text[-half:]}"


def split_sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in SENTENCE_END.split(text) if sentence and sentence.strip()]


def find_content_words(text: str) -> list[str]:
    """Find the content words in lower case, in order: no particles, and no words of the instruction."""
    matches = (word.lower() for word in WORD.findall(text))
    return [word for word in matches if word not in EMPTY_WORDS and word not in ASKING_WORDS]


def stem(word: str) -> str:
    """Enough of a word to tell `wins` and `winner` from others. Numbers and names are kept longer."""
    return word.lower()[: 4 if len(word) < 8 else 6]  # noqa: PLR2004 - short words differ early


def copy_stem(word: str) -> str:
    """The first five letters: enough to match inflected forms."""
    return word.lower()[:5]


def find_stems(text: str) -> set[str]:
    return {stem(word) for word in find_content_words(text)}


def compute_similarity(text: str, other: str) -> float:
    """Dice's coefficient of the content words, 0 to 1."""
    stems, other_stems = find_stems(text), find_stems(other)
    return (
        2 * len(stems & other_stems) / (len(stems) + len(other_stems))
        if stems and other_stems
        else float(text.strip() == other.strip())
    )


def compute_overlap(text: str, whole: str) -> float:
    """The share of a text's content words that another text has, 0 to 1."""
    stems = find_stems(text)
    return len(stems & find_stems(whole)) / len(stems) if stems else 0.0


def find_sections(prompt: str) -> list[tuple[str, str]]:
    """Find labelled sections as (label in lower case, text): `Label: text`, `<label>text</label>`, headings."""
    matches = _find_tagged(prompt)
    marks = list(LABEL.finditer(prompt))
    ends = [mark.start() for mark in marks[1:]] + [len(prompt)]
    for mark, end in zip(marks, ends, strict=bool(marks)):
        text = prompt[mark.end() : end].strip().strip('"`').strip()
        matches.append((mark[1].strip().lower(), text))
    return matches


def _find_tagged(prompt: str) -> list[tuple[str, str]]:
    # From the closing tags back, to stay linear in the length of the prompt.
    matches = []
    for closing in CLOSING.finditer(prompt):
        opening = prompt.rfind(f"<{closing[1]}>", 0, closing.start())
        if opening >= 0:
            text = prompt[opening + len(closing[1]) + 2 : closing.start()].strip()
            matches.append((closing[1].lower().replace("_", " "), text))
    return matches


def find_passage(prompt: str) -> str | None:
    """Find the longest prose of a prompt: fenced, else labelled, else any paragraph."""
    quoted = [text for mark in ('"""', "```") for text in prompt.split(mark)[1:-1:2]]
    fenced = [*quoted, *(text for _, text in _find_tagged(prompt))]
    labelled = [text for label, text in find_sections(prompt) if label not in ("guidance", "instructions", "schema")]
    for matches in (fenced, labelled):
        prose = [text.strip() for text in matches if _is_prose(text)]
        if prose:
            return max(prose, key=len)
    blocks = [block.strip() for block in prompt.split("\n\n") if _is_prose(block)]
    return max(blocks, key=len) if blocks else None


def _is_prose(text: str) -> bool:
    return len(text.split()) >= MIN_PASSAGE_WORDS and not text.lstrip().startswith(("{", "["))
