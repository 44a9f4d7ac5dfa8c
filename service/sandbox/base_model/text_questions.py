"""Ask questions about a text; every answer is a sentence of it."""

from random import Random

from service.sandbox.base_model.text_analysis import WORD, find_content_words, find_stems, split_sentences

FORMS = (
    "What does the text say about {about}?",
    "What is said of {about}?",
    "According to the text, what is true of {about}?",
    "What can be learnt about {about}?",
    "What does the passage tell about {about}?",
)
MAX_SENTENCES = 500
MIN_WORDS = 4  # of a sentence that a question can be asked about


class QuestionGenerator:
    """Asks about each sentence in turn, then about other words of them."""

    def __init__(self, passage: str, known: str, random: Random) -> None:
        usable = [each for each in split_sentences(passage)[:MAX_SENTENCES] if len(each.split()) >= MIN_WORDS] or [
            passage.strip()
        ]
        self._sentences = list(dict.fromkeys(usable))
        self._known = known.lower()
        self._random = random
        self._used: set[str] = set()
        self._turn = 0

    def pair(self) -> tuple[str, str]:
        """A question, and the sentence that answers it."""
        for _ in range(len(self._sentences) * len(FORMS) * 3):
            sentence = self._sentences[self._turn % len(self._sentences)]
            turn = self._turn // len(self._sentences)
            self._turn += 1
            question = FORMS[(self._turn + turn) % len(FORMS)].format(about=_pick_words(sentence, turn))
            if question.lower() not in self._used and question.lower() not in self._known:
                self._used.add(question.lower())
                return question, sentence
        return f"What else does sentence {self._turn} say?", self._sentences[self._turn % len(self._sentences)]


def _pick_words(sentence: str, turn: int) -> str:
    """Pick adjacent content words of a sentence; runs with names and numbers come first."""
    runs: list[list[str]] = [[]]
    content_words = set(find_content_words(sentence))
    for word in WORD.findall(sentence):
        if word.lower() in content_words:
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    known = [run[:3] for run in runs if run] or [sentence.split()[:3]]
    known.sort(key=lambda run: (-any(word[0].isupper() or word[0].isdigit() for word in run), -len(run)))
    return " ".join(known[turn % len(known)])


def find_answer(passage: str, question: str) -> str:
    """Find the sentence that shares most words with a question; without any, the first."""
    question_stems, usable = find_stems(question), split_sentences(passage)[:MAX_SENTENCES]
    return max(usable, key=lambda each: len(find_stems(each) & question_stems)) if usable else passage
