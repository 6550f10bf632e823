"""How Financials refuses: the ERP with a `message`, the gateway with the `Exception...` shape."""

from __future__ import annotations

from typing import Any
from uuid import uuid4


class Refused(Exception):
    """The ERP said no: a business rule, an unknown code, a validation."""

    def __init__(self, *reasons: str, doing: str = "", status: int = 400) -> None:
        self.reasons, self.doing, self.status = reasons, doing, status
        super().__init__(" ".join(reasons))

    def body(self) -> dict[str, Any]:
        """Give the one text of the ERP: reasons joined by line breaks behind a `VismaId`."""
        lead = f"VismaId: {uuid4()}. "
        if not self.doing:
            return {"message": lead + "Error: " + "\r\nError: ".join(self.reasons)}
        if len(self.reasons) == 1 and self.doing.startswith("Error creating"):
            return {"message": f"{lead}{self.doing}. Error: {self.reasons[0]}"}
        lines = "".join(f"Error: {reason}\r\n" for reason in self.reasons)
        return {
            "message": f"{lead}{self.doing}. Error: {_raised(self.doing)}\r\n{lines}",
        }


class NotFound(Exception):
    """No such key: 404."""


class VersionDiffers(Exception):
    """If-Match names an older version: 412."""


class GatewayRefused(Exception):
    """The API gateway said no before the ERP was asked: token, licence, company context."""

    def __init__(self, *, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)

    def body(self) -> dict[str, Any]:
        """Give the gateway's error shape."""
        return {
            "ExceptionType": "IPPException",
            "ExceptionMessage": self.message,
            "ExceptionFaultCode": self.code,
            "ExceptionMessageID": f"{self.code}_{uuid4()}",
            "ExceptionDetails": "",
        }


def unknown(what: str, value: Any) -> Refused:
    """Refuse a code that the system does not know, in the ERP's words."""
    return Refused(f"{what} '{value}' cannot be found in the system.")


def _raised(doing: str) -> str:
    verb, _, noun = doing.removeprefix("Error ").partition(" ")
    name = noun.removeprefix("the ").capitalize()
    return (
        f"{verb.capitalize()} '{name}' record raised at least one error. Please review the errors."
    )
