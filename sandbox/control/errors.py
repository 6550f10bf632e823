"""The refusal of a control route."""


class ControlRefused(Exception):
    """The control route cannot do what was asked."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        self.status = status
        super().__init__(message)
