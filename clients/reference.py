"""What the reference of a client tells of a method, whatever the language."""

import msgspec

from clients.generate.document import Operation

WIDTH = 84  # of a line that a page shows whole


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A method in the words of its language. `resource` are the attributes that lead to it from the client.

    `given` has the types of what it takes, `answer` the one that it returns, and `operation` is what it asks for.
    `needed` is what a call has at least, as it is written.
    """

    resource: tuple[str, ...]
    name: str
    signature: str
    given: str
    answer: str
    summary: str
    needed: list[str]
    operation: Operation

    @property
    def path(self) -> str:
        return ".".join(["client", *self.resource, self.name])

    @property
    def call(self) -> str:
        return f"{self.path}({', '.join(self.needed)})"
