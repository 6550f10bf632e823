"""Why a webhook is turned away. The answer to the sender is the same for every reason of a kind."""

from schema.errors import Refused


class Malformed(Refused):
    """The headers are not what the protocol asks for."""

    code = "BAD_REQUEST"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("The webhook headers are missing or malformed.")


class BadSignature(Refused):
    """No secret of the endpoint made this signature, or there is no such endpoint."""

    code = "INVALID_SIGNATURE"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("The signature is not valid.")


class Crowded(Refused):
    """More webhooks wait to be stored than we keep waiting."""

    code = "TOO_MANY_REQUESTS"
    reason = "crowded"
