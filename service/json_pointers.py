"""msgspec says where a value is wrong in its own path notation; programs read JSON pointers (RFC 6901)."""

import re

from service.errors import Fault

_PLACE = re.compile(r"^(?P<what>.*?) - at `(?P<path>.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_FIELD = re.compile(r"^Object (?:contains unknown|missing required) field `(?P<name>[^`]*)`")


def fault_of(message: str) -> Fault:
    """A msgspec message such as "Expected `str`, got `int` - at `$.a[0].b`" as a fault at /a/0/b."""
    match = _PLACE.match(message)
    what, path = (match["what"], match["path"]) if match else (message, "$")
    steps = [key or index for key, index in _STEP.findall(path.removeprefix("key in "))]
    named = _FIELD.match(what)
    if named:
        steps.append(named["name"])
    code = "invalid"
    if named:
        code = "unknown_field" if "unknown" in what else "required"
    return Fault(pointer=pointer(*steps), detail=f"{what}.", code=code)


def pointer(*steps: str | int) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
