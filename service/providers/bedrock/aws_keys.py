"""The keys of an AWS account, as the secret of a connection holds them."""

import msgspec

from service.providers.provider import Account, Refused


class AwsKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The secret of a connection."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return "AwsKeys(…)"

    def hide(self, text: str) -> str:
        """The text without the keys, should AWS repeat them."""
        for key in (self.session_token, self.secret_access_key, self.access_key_id):
            text = text.replace(key, "…") if key else text
        return text


def read_keys(account: Account) -> AwsKeys:
    """Raises Refused, without any part of the secret, unless it is JSON with the keys."""
    needed = 'It is JSON: {"access_key_id": "…", "secret_access_key": "…"}, and session_token for temporary keys.'
    try:
        keys = msgspec.json.decode(account.secret, type=AwsKeys)
    except (msgspec.MsgspecError, UnicodeError):
        raise Refused(f"The secret of the connection holds no AWS keys. {needed}") from None
    texts = (keys.access_key_id, keys.secret_access_key, keys.session_token or "-")
    if not all(text and text.isascii() and text.isprintable() and " " not in text for text in texts):
        raise Refused(f"The secret of the connection holds AWS keys that a header cannot carry. {needed}")
    return keys
