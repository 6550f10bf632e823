"""A refusal that ends by itself after some seconds."""

from schema.errors import Refused


class Later(Refused):
    """The caller may come back later."""

    retry_after: int = 1
