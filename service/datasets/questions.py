"""What an example asks: the text of the last message before its answer that is the user's. Pure."""

from service.datasets.content import Content, System, User, prompt_of


def question(content: Content) -> str | None:
    """None where the user says nothing."""
    asked = [message for message in prompt_of(content) if isinstance(message, User)]
    return text_of(asked[-1]) if asked else None


def text_of(message: User | System) -> str:
    """What is said in it; pictures are passed over."""
    if isinstance(message.content, str):
        return message.content
    return "".join(getattr(part, "text", "") for part in message.content)
