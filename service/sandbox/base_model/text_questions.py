"""Questions and answers that stand on a text: every answer is a sentence of it."""

from random import Random

from service.sandbox.base_model.text_analysis import WORD, sentences, stems, telling

FORMS = (
    "What does the text say about {about}?",
    "What is said of {about}?",
    "According to the text, what is true of {about}?",
    "What can be learnt about {about}?",
    "What does the passage tell about {about}?",
)
MOST_SENTENCES = 500
LEAST_WORDS = 4  # of a sentence that a question can be asked about


class Grounded:
    """Takes the sentences in turn; when all were asked about, asks again about other words of them."""

    def __init__(self, passage: str, known: str, chance: Random) -> None:
        found = [one for one in sentences(passage)[:MOST_SENTENCES] if len(one.split()) >= LEAST_WORDS] or [
            passage.strip()
        ]
        self._sentences = list(dict.fromkeys(found))
        self._known = known.lower()
        self._chance = chance
        self._asked: set[str] = set()
        self._turn = 0

    def pair(self) -> tuple[str, str]:
        """A question, and the sentence that answers it."""
        for _ in range(len(self._sentences) * len(FORMS) * 3):
            sentence = self._sentences[self._turn % len(self._sentences)]
            round_ = self._turn // len(self._sentences)
            self._turn += 1
            question = FORMS[(self._turn + round_) % len(FORMS)].format(about=_about(sentence, round_))
            if question.lower() not in self._asked and question.lower() not in self._known:
                self._asked.add(question.lower())
                return question, sentence
        return f"What else does sentence {self._turn} say?", self._sentences[self._turn % len(self._sentences)]


def _about(sentence: str, turn: int) -> str:
    """Words of a sentence that stand together in it and carry it: those with names and numbers first."""
    runs: list[list[str]] = [[]]
    carriers = set(telling(sentence))
    for word in WORD.findall(sentence):
        if word.lower() in carriers:
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    known = [run[:3] for run in runs if run] or [sentence.split()[:3]]
    known.sort(key=lambda run: (-any(word[0].isupper() or word[0].isdigit() for word in run), -len(run)))
    return " ".join(known[turn % len(known)])


def answer_in(passage: str, question: str) -> str:
    """The sentence of a text that shares most words with a question; the first one when none does."""
    wanted, found = stems(question), sentences(passage)[:MOST_SENTENCES]
    return max(found, key=lambda one: len(stems(one) & wanted)) if found else passage
