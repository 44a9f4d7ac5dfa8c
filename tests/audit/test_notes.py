"""Signed notes: the example that golang.org/x/mod/sumdb/note publishes with its key, and what is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tuneledger.audit.notes import Checkpoint, NoteRefused, Verifier, checkpoint_of, opened, sign, verifier_of

KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    f"{TEXT}\n\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
OURS = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
TRUSTED = Verifier(name="tuneledger.test", public=OURS.public_key().public_bytes_raw())
HEAD = Checkpoint(origin="tuneledger.test/1", size=12, root=b"r" * 32)


def test_the_published_note_is_opened_with_its_published_key() -> None:
    assert opened(NOTE, [verifier_of(KEY)]) == TEXT
    assert str(verifier_of(KEY)) == KEY


def test_a_checkpoint_comes_back_as_it_was_signed() -> None:
    note = sign(str(HEAD), name=TRUSTED.name, keys=[OURS])
    assert checkpoint_of(opened(note, [verifier_of(str(TRUSTED))])) == HEAD


def test_while_keys_change_either_of_them_is_enough() -> None:
    new = Ed25519PrivateKey.generate()
    note = sign(str(HEAD), name=TRUSTED.name, keys=[OURS, new])
    for key in (OURS, new):
        verifier = Verifier(name=TRUSTED.name, public=key.public_key().public_bytes_raw())
        assert opened(note, [verifier]) == str(HEAD)


def test_a_note_of_a_stranger_is_refused() -> None:
    note = sign(str(HEAD), name=TRUSTED.name, keys=[Ed25519PrivateKey.generate()])
    with pytest.raises(NoteRefused, match="no key that is trusted"):
        opened(note, [TRUSTED])


@given(st.data())
def test_a_note_with_one_other_character_is_refused(data: st.DataObject) -> None:
    note = sign(str(HEAD), name=TRUSTED.name, keys=[OURS])
    place = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda character: character != note[place]))
    with pytest.raises(NoteRefused):
        checkpoint_of(opened(note[:place] + other + note[place + 1 :], [TRUSTED]))


@pytest.mark.parametrize("text", ["", "a\n", "a\n-1\nAAAA\n", "a\n01\n", "a\nten\nAAAA\n", "\n1\nAAAA\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        checkpoint_of(text)


@pytest.mark.parametrize("key", ["", "a+b", "a+00000000+!", KEY.replace("c74f20a3", "c74f20a4"), KEY[:-4]])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(NoteRefused):
        verifier_of(key)
