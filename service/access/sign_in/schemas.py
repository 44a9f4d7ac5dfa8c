"""The body that links a member to an identity."""

from typing import Annotated

import msgspec

from service.access.sign_in.issuers import MAX_ISSUER
from service.http.bodies import Body

_SEEN = r"^[^\x00-\x1f\x7f]*$"


class NewIdentity(Body):
    """Whose tokens become the member's."""

    issuer: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ISSUER, pattern=_SEEN)]
    """The issuer, as its tokens name it in `iss`. One that TUNELEDGER_OIDC_ISSUERS lists."""
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=_SEEN)]
    """The subject, as the tokens name it in `sub`."""
