"""People at work while everything breaks: invoices and credit notes, payments, all by the seed."""

from dataclasses import dataclass, field
from random import Random

import httpx

from chaos.vendors import Vendors

BATCH = 40


@dataclass(slots=True, kw_only=True)
class People:
    """What was asked for so far, by the guids of Severa."""

    vendors: Vendors
    wanted: int
    backlog: int
    chance: Random
    made: list[str] = field(default_factory=list)
    notes: int = 0
    payments: int = 0
    company: int = 0

    @property
    def finished(self) -> bool:
        """Tell whether every invoice has been written."""
        return len(self.made) >= self.wanted

    async def bill(self) -> None:
        """Write a batch of invoices in the next company, now and then with a credit note."""
        self.company = (self.company + 1) % len(self.vendors.companies)
        count = min(BATCH, self.wanted - len(self.made))
        notes = 1 if count > 2 and self.chance.random() < 0.6 else 0
        body = {"count": count - notes, "creditNotes": notes, "company": self.company}
        answer = await self.vendors.control("POST", "/severa/invoices", body)
        self.made += [*answer["invoices"], *answer["creditNotes"]]
        self.notes += notes

    async def pay(self) -> None:
        """Pay a few open invoices, one of them only in part."""
        try:
            place = {"company": self.chance.randrange(len(self.vendors.companies))}
            part = {"count": 1, "share": 0.4, **place}
            whole = await self.vendors.control("POST", "/financials/pay", {"count": 4, **place})
            some = await self.vendors.control("POST", "/financials/pay", part)
        except httpx.HTTPStatusError:
            return  # Nothing is open yet.
        self.payments += len(whole) + len(some)
