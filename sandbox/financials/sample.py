"""Fills a Financials company from the neutral sample: registers, and some history of its own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from sandbox.samples import company as c

from . import address, contact, customer, item, ledger, payment, project, supplier
from . import document as drafts
from .moment import day
from .rows import INVOICE, CustomerRow, DocumentRow, SupplierRow
from .sample_settings import DISCOUNT_CLASS, fill_settings, words
from .state import SCOPES, Client, LedgerCompany
from .table import JSON

if TYPE_CHECKING:
    from sandbox.world import World

# Customer invoices and supplier invoices of the past, per size.
HISTORY = {"small": (12, 2), "medium": (300, 20), "large": (3000, 100)}
STATUS = {"open": "Active", "sales": "Active", "closed": "Completed", "lost": "Cancelled"}


def fill(world: World, company: c.Company, matched: bool) -> LedgerCompany:
    """Add the Visma.net company of a sample; `matched`: it already has what Severa has."""
    login = company.financials
    own = LedgerCompany(
        world,
        tenant=login.tenant_id,
        number=login.company_number,
        name=company.name,
        country=company.country,
    )
    with own.past(days=20, step=0.1):
        _Filler(own, company, matched=matched).fill()
    own.quiet = False
    state = world.financials
    state.companies[own.tenant] = own
    state.licence_tenants.add(str(uuid5(NAMESPACE_URL, f"licence/{own.tenant}")))
    state.clients[login.client_id] = Client(
        id=login.client_id,
        secret=login.client_secret,
        scopes=frozenset(SCOPES),
        tenants=frozenset({own.tenant}),
    )
    return own


class _Filler:
    def __init__(self, own: LedgerCompany, sample: c.Company, *, matched: bool) -> None:
        self._own, self._sample, self._matched = own, sample, matched
        self._chance = Random(f"financials-{sample.seed}-{sample.index}")
        self._firms: dict[str, CustomerRow] = {}
        self._units = {m.severa: m.financials for m in sample.measures}

    def fill(self) -> None:
        fill_settings(self._own, self._sample)
        for firm in self._sample.firms:
            if self._matched or firm.where != "severa":
                self._firms[firm.key] = self._customer(firm)
        for row in self._sample.items:
            if self._matched or row.where != "severa":
                self._item(row)
        self._projects()
        for vendor in self._sample.suppliers:
            self._supplier(vendor)
        invoices, costs = HISTORY[self._sample.size]
        self._history(invoices)
        self._costs(costs)

    def _terms(self, days: int) -> str:
        return next(terms.id for terms in self._sample.terms if terms.days == days)

    def _customer(self, firm: c.Firm) -> CustomerRow:
        fields: JSON = {
            "number": str(firm.number),
            "overrideNumberSeries": True,
            "name": firm.name,
            "status": "Active" if firm.active else "Inactive",
            "corporateId": firm.corporate_id,
            "vatRegistrationId": firm.vat_number,
            "currencyId": firm.currency,
            "creditTermsId": self._terms(firm.terms_days),
            "customerClassId": firm.customer_class,
            "vatZoneId": firm.vat_zone,
            "mainAddress": words(firm.headquarters),
            "mainContact": {
                "name": firm.name,
                "email": firm.email,
                "web": firm.website,
                "attention": firm.notes or None,
            },
        }
        if firm.billing is not None:
            fields["invoiceAddress"] = _cleared(words(firm.billing))
        if firm.postal is not None:
            fields["deliveryAddress"] = _cleared(words(firm.postal))
        row = customer.create(self._own, fields)
        self._own.series["CUSTOMER"].last = max(self._own.series["CUSTOMER"].last, firm.number)
        if firm.key == "firm-5":
            price_class = {"id": DISCOUNT_CLASS, "description": "Partners"}
            row.dto["priceClass"] = price_class
        for person in firm.people:
            if self._matched or person.where != "severa":
                self._contact(row, person, firm)
        return row

    def _contact(self, row: CustomerRow, person: c.Person, firm: c.Firm) -> None:
        made = contact.create(
            self._own,
            {
                "title": person.salutation.rstrip("."),
                "firstName": person.first_name,
                "lastName": person.last_name,
                "position": person.title,
                "businessAccount": row.key,
                "email": person.email,
                "phone1": person.mobile,
                "phone2": person.phone,
                "doNotEmail": person.do_not_email,
                "active": True,
            },
        )
        address.change_address(self._own, made.dto["address"], words(firm.headquarters))

    def _item(self, row: c.Item) -> None:
        unit = self._units.get(row.unit, row.unit)
        item.create(
            self._own,
            {
                "inventoryNumber": row.code,
                "itemClass": row.item_class,
                "type": row.kind,
                "description": row.name,
                "status": "Active" if row.active else "Inactive",
                "vatCode": row.vat_category,
                "defaultPrice": row.price,
                "baseUnit": unit,
            },
        )

    def _projects(self) -> None:
        """A matched company has every project; another has the first few, for its own postings."""
        known = [p for p in self._sample.projects if p.firm in self._firms]
        if not self._matched:
            known = list(islice((p for p in known if p.state == "open"), 3))
        for row in known:
            made = project.create(
                self._own,
                {
                    "projectID": str(row.number),
                    "description": row.name,
                    "customer": self._firms[str(row.firm)].key,
                    "startDate": day(row.start),
                    "template": "Z",
                    "billingPeriod": "OnDemand",
                    "hold": False,
                },
            )
            for task in made.tasks.values():
                task.dto["status"] = "Active"
            made.dto["status"] = STATUS[row.state]

    def _supplier(self, row: c.Supplier) -> None:
        internal_id = self._own.next_id("customer", start=101)
        ref = {"internalId": internal_id, "number": row.number, "name": row.name}
        dto: JSON = {
            **ref,
            "status": "Active",
            "mainAddress": address.new_address(self._own, words(row.address)),
            "mainContact": address.new_details(self._own, {"name": row.name}),
            "currencyId": self._own.base_currency,
            "corporateId": row.corporate_id,
            "attributes": [],
            "timeStamp": "",
        }
        made = SupplierRow(key=row.number, dto=dto, internal_id=internal_id, ref=ref)
        self._own.fresh(made)
        self._own.suppliers.add(made)

    def _history(self, count: int) -> None:
        """Invoices that people made here, some paid: they have no project and no order number."""
        customers = [row for row in self._firms.values() if row.dto["status"] == "Active"]
        items = [row for row in self._own.items if row.dto["status"] == "Active"]
        for place in range(count):
            on = self._sample.today - timedelta(days=5 + (place * 7) % 80)
            article = items[place % len(items)]
            document = drafts.create(
                self._own,
                INVOICE,
                {
                    "customerNumber": customers[place % len(customers)].key,
                    "documentDate": day(on),
                    "hold": False,
                    "dontPrint": True,
                    "dontEmail": True,
                    "invoiceText": "Made in Financials",
                    "invoiceLines": [
                        {
                            "inventoryNumber": article.key,
                            "quantity": Decimal(1 + place % 9),
                            "manualDiscount": True,
                        }
                    ],
                },
                by_hand=True,
            )
            ledger.book(self._own, document)
            if place % 3 == 0:
                self._paid(document, on + timedelta(days=3))

    def _paid(self, document: DocumentRow, on: object) -> None:
        made = payment.create(
            self._own,
            {
                "customer": document.customer.key,
                "currency": document.dto["currencyId"],
                "applicationDate": str(on),
                "paymentAmount": document.balance,
                "hold": False,
                "paymentLines": [{"documentType": "Invoice", "refNbr": document.number}],
            },
        )
        payment.release(self._own, made)

    def _costs(self, count: int) -> None:
        """Supplier invoices of the past, on projects and on none."""
        open_ones = [
            row for row in self._own.projects if row.tasks and row.dto["status"] == "Active"
        ]
        expenses = [row.key for row in self._own.accounts if row.dto["type"] == "Expense"]
        suppliers = list(self._own.suppliers)
        for place in range(count):
            chosen = open_ones[place % len(open_ones)] if open_ones else None
            line: JSON = {
                "transactionDescription": "Subcontracting",
                "quantity": Decimal(1),
                "unitCostInCurrency": Decimal(self._chance.randrange(100, 9000)),
                "accountNumber": expenses[place % len(expenses)],
            }
            if chosen is not None:
                line |= {"projectId": chosen.key, "projectTaskId": "10"}
            made = supplier.create(
                self._own,
                {
                    "supplierNumber": suppliers[place % len(suppliers)].key,
                    "date": day(self._sample.today - timedelta(days=15 + place % 40)),
                    "description": "Supplier invoice",
                    "hold": False,
                    "invoiceLines": [line],
                },
            )
            supplier.release(self._own, made)


def _cleared(fields: JSON) -> JSON:
    """Let a separate address start empty, not as a copy of the main one."""
    names = ("addressLine1", "addressLine2", "addressLine3", "county")
    return {**dict.fromkeys(names), **fields}
