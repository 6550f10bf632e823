"""Routes of customers, their classes, contacts and locations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from sandbox.http import Call, Op, Reply

from . import contact, customer, shapes
from .door import (
    body_of,
    changed,
    check_version,
    created,
    dated,
    equal,
    fields_of,
    found,
    number_in,
    one,
    op,
    page,
    select,
    whole,
    without,
)
from .errors import NotFound, Refused
from .rows import ContactRow, CustomerRow
from .state import LedgerCompany
from .table import JSON, norm
from .wrapped import read

PAGE = 1000
PARTS = {
    "expandAccountInformation": "glAccounts",
    "expandPaymentMethods": "paymentMethods",
    "expandDirectDebit": "directDebitLines",
}


def customers(company: LedgerCompany, call: Call) -> Reply:
    """List customers; `greaterThanValue` is documented as not working."""
    query = call.query
    hidden = [part for flag, part in PARTS.items() if not query.flag(flag)]
    tests: list[Any] = [
        equal(query, "name", lambda row: row.dto["name"]),
        equal(query, "status", lambda row: row.dto["status"]),
        equal(query, "corporateId", lambda row: row.dto.get("corporateId")),
        equal(query, "vatRegistrationId", lambda row: row.dto.get("vatRegistrationId")),
        equal(query, "email", lambda row: row.dto["mainContact"].get("email")),
        equal(query, "phone", lambda row: row.dto["mainContact"].get("phone1")),
    ]
    rows = select(company.customers, call, tests)
    return page(call, rows, show=lambda row: without(row, hidden), largest=PAGE)


def _by_key(company: LedgerCompany, call: Call, name: str = "customerCd") -> CustomerRow:
    return found(company.customers.get(call.params[name]))


def _by_id(company: LedgerCompany, call: Call, name: str = "internalID") -> CustomerRow:
    return found(company.customers.by_id(number_in(call, name)))


def create_customer(company: LedgerCompany, call: Call) -> Reply:
    """Create a customer."""
    row = customer.create(company, fields_of(company, call, shapes.CUSTOMER))
    return created(call, "/v1/customer", row.key, row)


def _change(company: LedgerCompany, call: Call, row: CustomerRow) -> Reply:
    check_version(call, row)
    customer.change(company, row, fields_of(company, call, shapes.CUSTOMER))
    return changed(row)


def change_number(company: LedgerCompany, call: Call) -> Reply:
    """Change the visible customer number."""
    row = _by_id(company, call, "internalId")
    fields = read(body_of(call), shapes.CHANGE_CUSTOMER, zone=company.zone)
    customer.rename(company, row, fields.get("customerCd") or "")
    return done()


def done() -> Reply:
    """Answer an action that took effect."""
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"})


def note(company: LedgerCompany, call: Call) -> Reply:
    """Show a customer's note."""
    row = _by_key(company, call)
    return Reply(body={"note": row.note} if row.note else {})


def _balance(company: LedgerCompany, row: CustomerRow) -> JSON:
    documents = company.documents_of.get(row.internal_id, [])
    total = sum(
        (
            Decimal(document.dto["balance"]) * (1 if document.kind == "Invoice" else -1)
            for document in documents
        ),
        Decimal("0.00"),
    )
    return {
        "customer": {"internalId": row.internal_id, **row.ref},
        "balance": total,
        "totalOrder": 0,
        "totalLoan": 0,
        "totalSalePeriod": 0,
        "totalSaleYear": 0,
        "totalDiscountPeriod": 0,
        "totalDiscountYear": 0,
        "lastModified": row.modified,
    }


def balances(company: LedgerCompany, call: Call) -> Reply:
    """List the balances of all customers."""
    rows = select(company.customers, call, [])
    return whole(call, rows, show=lambda row: _balance(company, row))


def balance(company: LedgerCompany, call: Call) -> Reply:
    """Show the balance of a customer."""
    return Reply(body=_balance(company, _by_key(company, call)))


def balances_v2(company: LedgerCompany, call: Call) -> Reply:
    """List balances between two periods; both are mandatory."""
    if call.query.one("fromFinPeriod") is None or call.query.one("toFinPeriod") is None:
        raise Refused("The parameters fromFinPeriod and toFinPeriod are mandatory.")
    wanted = call.query.one("customer")
    branch = next(iter(company.branches.values()))

    def shown(row: CustomerRow) -> JSON:
        total = _balance(company, row)["balance"]
        return {
            "branchNumber": {"number": branch["number"], "name": branch["name"]},
            "customer": row.ref,
            "beginBalance": 0,
            "sales": total,
            "paymentsAndPrepayments": 0,
            "adjustmentsAndDiscounts": 0,
            "overdueCharges": 0,
            "yearToDateBalance": total,
        }

    rows = [row for row in company.customers if wanted is None or norm(wanted) == norm(row.key)]
    return page(call, rows, show=shown, largest=PAGE, meta=False)


def classes(company: LedgerCompany, call: Call) -> Reply:
    """List the customer classes."""
    return whole(call, list(company.customer_classes.values()), show=dict)


def one_class(company: LedgerCompany, call: Call) -> Reply:
    """Show a customer class."""
    wanted = norm(call.params["customerClassId"])
    for key, row in company.customer_classes.items():
        if norm(key) == wanted:
            return Reply(body=row)
    raise NotFound


def _contact_tests(company: LedgerCompany, call: Call) -> list[Any]:
    query = call.query
    hidden = not company.assume.own_contacts_listed
    return [
        (lambda row: not row.own) if hidden else None,
        *(
            equal(query, name, lambda row, name=name: row.dto.get(name))  # type: ignore[misc]
            for name in (
                ["displayName", "active", "firstName", "lastName", "businessAccount", "email"]
            )
        ),
    ]


def contacts(company: LedgerCompany, call: Call) -> Reply:
    """List contacts, the customers' own ones among them; not paged."""
    rows = select(company.contacts, call, _contact_tests(company, call))
    return whole(call, rows, show=lambda row: row.dto)


def customer_contacts(company: LedgerCompany, call: Call) -> Reply:
    """List the contacts of a customer."""
    key = _by_key(company, call).key
    tests: list[Any] = _contact_tests(company, call)
    mine = [row for row in company.contacts if row.dto.get("businessAccount") == key]
    rows = select(company.contacts, call, tests, among=mine)
    return whole(call, rows, show=lambda row: row.dto)


def _contact(company: LedgerCompany, call: Call) -> ContactRow:
    return found(company.contacts.by_id(number_in(call, "contactId")))


def create_contact(company: LedgerCompany, call: Call) -> Reply:
    """Create a contact."""
    row = contact.create(company, fields_of(company, call, shapes.CONTACT))
    return created(call, "/v1/contact", row.key, row)


def change_contact(company: LedgerCompany, call: Call) -> Reply:
    """Change a contact."""
    row = _contact(company, call)
    check_version(call, row)
    contact.change(company, row, fields_of(company, call, shapes.CONTACT))
    return changed(row)


def locations(company: LedgerCompany, call: Call) -> Reply:
    """List locations, of one business account when the path names it."""
    account = call.params.get("bAccountId")
    tests: list[Any] = [
        equal(call.query, "locationId", lambda row: row.dto["locationId"]),
        equal(call.query, "gln", lambda row: row.dto.get("gln")),
        dated(call.query, "lastModifiedDateTime", lambda row: row.modified),
    ]
    if account is not None:
        tests.append(lambda row: norm(row.dto["baccount"]["number"]) == norm(account))
    rows = select(company.locations, call, tests)
    return page(call, rows, show=lambda row: dict(row.dto), largest=PAGE)


def location(company: LedgerCompany, call: Call) -> Reply:
    """Show a location."""
    key = f"{call.params['bAccountId'].strip()} {call.params['locationId'].strip()}"
    return one(found(company.locations.get(key)))


def create_location(company: LedgerCompany, call: Call) -> Reply:
    """Create a location."""
    row = contact.create_location(company, fields_of(company, call, shapes.LOCATION))
    path = f"/v1/location/{row.dto['baccount']['number']}"
    return created(call, path, row.dto["locationId"], row)


def change_location(company: LedgerCompany, call: Call) -> Reply:
    """Change a location."""
    key = f"{call.params['bAccountId'].strip()} {call.params['locationId'].strip()}"
    row = found(company.locations.get(key))
    contact.change_location(company, row, fields_of(company, call, shapes.LOCATION))
    return changed()


OPS: tuple[Op, ...] = (
    op("GET", "/v1/customer", customers),
    op("POST", "/v1/customer", create_customer),
    op("POST", "/v1/customer/action/changeCustomerCd/{internalId}", change_number),
    op("GET", "/v1/customer/balance", balances),
    op("GET", "/v2/customer/balance", balances_v2),
    op("GET", "/v1/customer/customerClass", classes),
    op("GET", "/v1/customer/customerClass/{customerClassId}", one_class),
    op("GET", "/v1/customer/internal/{internalID}", lambda c, call: one(_by_id(c, call))),
    op(
        "PUT",
        "/v1/customer/internal/{internalID}",
        lambda company, call: _change(company, call, _by_id(company, call)),
    ),
    op("GET", "/v1/customer/{customerCd}", lambda company, call: one(_by_key(company, call))),
    op(
        "PUT",
        "/v1/customer/{customerCd}",
        lambda company, call: _change(company, call, _by_key(company, call)),
    ),
    op("GET", "/v1/customer/{customerCd}/balance", balance),
    op("GET", "/v1/customer/{customerCd}/contact", customer_contacts),
    op("GET", "/v1/customer/{customerCd}/note", note),
    op("POST", "/v1/contact", create_contact),
    op("GET", "/v1/contact", contacts),
    op("GET", "/v1/contact/{contactId}", lambda company, call: one(_contact(company, call))),
    op("PUT", "/v1/contact/{contactId}", change_contact),
    op("POST", "/v1/location", create_location),
    op("GET", "/v1/location", locations),
    op("GET", "/v1/location/{bAccountId}", locations),
    op("GET", "/v1/location/{bAccountId}/{locationId}", location),
    op("PUT", "/v1/location/{bAccountId}/{locationId}", change_location),
)
