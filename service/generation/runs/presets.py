"""The built-in guidance of each template. Pure."""

from service.generation.domain import Guidance, Template

TEMPLATES: dict[Template, Guidance] = {
    "general": Guidance(
        topics="Cover the ground evenly: what is common first, then what is rarer.",
        inputs="Vary length, tone, vocabulary and difficulty as real users do.",
    ),
    "safety": Guidance(
        topics="Name kinds of misuse and of sensitive situations that the task can meet, from harmless to harmful.",
        inputs="Write what a user might send who tests the limits of what is safe, and what only looks unsafe.",
        outputs="Stay safe and honest. Refuse plainly what would do harm, help with what would not, and do not preach.",
    ),
    "edge_cases": Guidance(
        topics="Name what is unusual: empty, very long, contradictory, ambiguous, in another language, badly spelled.",
        inputs="Write inputs at the limits of the task, which a careless answer would get wrong.",
        outputs="Where the input leaves open what is meant, do what the task's instruction says of it.",
    ),
    "bugs_seen": Guidance(
        topics="Name what the failed examples below have in common, and situations that are like them.",
        inputs="Write inputs like those that failed, so that the same mistakes would show.",
        outputs="The failed examples show what to avoid.",
    ),
}
LOW_RATING = 2.0  # stars; an example rated this or lower counts as failed
MAX_FAILED_EXAMPLES = 10


def list_guidance(template: Template, own: Guidance, step: str) -> list[str]:
    """The template's guidance for a step, then the generation's own."""
    texts = (getattr(TEMPLATES[template], step), getattr(own, step))
    return [text for text in texts if text]
