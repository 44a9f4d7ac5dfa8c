"""Texts by digest: one salt an example, and nothing written twice."""

import hashlib
from uuid import UUID

from service.ledger.texts import SubjectTexts, compute_digest

SUBJECT = UUID(int=1)


def test_a_digest_is_the_hash_of_salt_and_text() -> None:
    wording = SubjectTexts(SUBJECT)
    digest = wording.add(b"a text")
    assert digest == hashlib.sha256(wording.salt + b"a text").hexdigest()
    assert compute_digest(wording.salt, b"a text").hex() == digest


def test_a_text_is_written_once_and_known_again() -> None:
    wording = SubjectTexts(SUBJECT)
    assert wording.add(b"a text") == wording.add(b"a text")
    [content] = wording.attachments.contents
    assert (content.subject, content.salt, content.body) == (SUBJECT, wording.salt, b"a text")
    later = SubjectTexts(SUBJECT, {content.digest.hex(): (content.salt, content.body)})
    assert later.add(b"a text") == content.digest.hex()
    assert later.attachments.contents == ()


def test_a_new_text_of_a_known_example_gets_its_salt() -> None:
    before = SubjectTexts(SUBJECT)
    old = before.add(b"old")
    after = SubjectTexts(SUBJECT, {old: (before.salt, b"old")})
    after.add(b"new")
    [content] = after.attachments.contents
    assert content.salt == before.salt
    assert set(after.bodies.values()) == {b"old", b"new"}


def test_the_same_text_of_two_examples_has_two_digests() -> None:
    assert SubjectTexts(SUBJECT).add(b"a text") != SubjectTexts(UUID(int=2)).add(b"a text")


def test_json_is_sealed_without_spaces() -> None:
    wording = SubjectTexts(SUBJECT)
    assert wording.bodies[wording.add_json({"a": [1, "ä"]})] == '{"a":[1,"ä"]}'.encode()
