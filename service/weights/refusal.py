"""Why weights cannot be converted."""

from service.errors import Conflict


class NotConvertible(Conflict):
    """These weights cannot be converted to this form"""

    code = "not_convertible"
