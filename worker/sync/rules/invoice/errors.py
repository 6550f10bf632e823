"""Why an invoice stops: refused by its data, or waiting for something else (Q58)."""

from schema.errors import Refused


class InvoiceRefused(Refused):
    """The data of the invoice is refused: it fails until a person changes it."""

    code = "invoice_refused"

    def __init__(self, issue: str, cause: str, *, next_step: str | None = None) -> None:
        self.issue, self.cause, self.next_step = issue, cause, next_step
        super().__init__(cause)


class InvoiceWaits(Refused):
    """Something else must happen first; the invoice goes on by itself afterwards."""

    code = "invoice_waits"

    def __init__(self, issue: str, cause: str, *, next_step: str | None = None) -> None:
        self.issue, self.cause, self.next_step = issue, cause, next_step
        super().__init__(cause)
