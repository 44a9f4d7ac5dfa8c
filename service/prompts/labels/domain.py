"""Labels such as `production`: each points at one version, or at several by weight to compare them."""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from uuid import UUID

from service.errors import Fault, Invalid, Unprocessable
from service.json_pointers import pointer
from service.prompts.domain import LabelWeights, PromptEvent, PromptLabelMoved, PromptState, require_active

LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def parse_weights(version: int | None, weights: Mapping[str, float] | None) -> Mapping[str, float]:
    """The version or the weights as weights. Raises Invalid unless exactly one is given."""
    if (version is None) == (weights is None):
        detail = "Give either version or weights."
        raise Invalid(detail, errors=[Fault(pointer="/version", detail=detail)])
    return weights if weights is not None else {str(version): 1.0}


def move_label(
    prompt: PromptState | None,
    label: str,
    *,
    weights: Mapping[str, float],
    is_one_version: bool = False,
    reason: str | None = None,
) -> list[PromptEvent]:
    """Move the label to these versions. A weight of 0 leaves one out; a move without effect records nothing.

    Raises Invalid for a malformed label, Unprocessable with each fault of the weights, or of the one version asked for.
    """
    prompt = require_active(prompt)
    if not LABEL.fullmatch(label):
        detail = "A label is a lowercase letter, then up to 62 lowercase letters, digits, _ or -."
        raise Invalid(detail, errors=[Fault(pointer="label", detail=detail)])
    if faults := list(_find_faults(prompt, weights, is_one_version=is_one_version)):
        raise Unprocessable(faults[0].detail, errors=faults)
    new_weights = {int(number): float(weight) for number, weight in weights.items() if weight > 0}
    if prompt.labels.get(label) == new_weights:
        return []
    return [PromptLabelMoved(label=label, weights=new_weights, previous=prompt.labels.get(label), reason=reason)]


def _find_faults(prompt: PromptState, weights: Mapping[str, float], *, is_one_version: bool) -> Iterator[Fault]:
    for number, weight in weights.items():
        at = "/version" if is_one_version else pointer("weights", number)
        if not (_NUMBER.fullmatch(number) and int(number) in prompt.versions):
            yield Fault(pointer=at, detail=f"{prompt.name} has no version {number[:20]}.", code="no_such_version")
        if weight < 0:
            yield Fault(pointer=at, detail="A weight must be 0 or more.", code="negative")
    total = sum(weights.values())
    if not (total > 0 and math.isfinite(total)):
        yield Fault(pointer="/weights", detail="The weights must sum to more than 0.", code="no_weight")


def pick_version(weights: LabelWeights, key: str, *, prompt_id: UUID, label: str) -> int:
    """The version for a key: sha256(prompt ‖ label ‖ key) as a fraction of its range, against the cumulative weights.

    The same key gets the same version as long as the weights stay.
    """
    digest = hashlib.sha256(prompt_id.bytes + label.encode() + b"\0" + key.encode()).digest()
    left = int.from_bytes(digest[:8], "big") / 2**64 * sum(weights.values())
    *others, last = sorted(weights.items())
    for number, weight in others:
        if left < weight:
            return number
        left -= weight
    return last[0]
