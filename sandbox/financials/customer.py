"""Customers: creation by class and number series, changes, and how they are read."""

from __future__ import annotations

from decimal import Decimal

from . import address
from .customer_parts import add_location, show_own_contacts
from .door import compact, put
from .errors import Refused, unknown
from .numbering import assigned, new_key
from .rows import CustomerRow
from .state import LedgerCompany
from .table import JSON, norm
from .wrapped import Fields

DOING_NEW = "Error inserting the customer"
DOING_CHANGE = "Error updating the customer"
EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
PLAIN = [
    "name",
    "status",
    "accountReference",
    "creditLimit",
    "creditDaysPastDue",
    "numberOfEmployees",
    "printInvoices",
    "acceptAutoInvoices",
    "sendInvoicesByEmail",
    "sendDunningLettersViaEMail",
    "printDunningLetters",
    "printStatements",
    "sendStatementsByEmail",
    "printMultiCurrencyStatements",
    "invoiceToDefaultLocation",
    "vatRegistrationId",
    "corporateId",
    "gln",
    "creditVerification",
    "statementType",
    "excludeDebtCollection",
]
SWITCHES_ON = ("printInvoices", "sendInvoicesByEmail", "printStatements")
SWITCHES_OFF = [
    "acceptAutoInvoices",
    "sendDunningLettersViaEMail",
    "printDunningLetters",
    "sendStatementsByEmail",
    "printMultiCurrencyStatements",
    "invoiceToDefaultLocation",
    "excludeDebtCollection",
]


def create(company: LedgerCompany, fields: Fields) -> CustomerRow:
    """Create a customer; the class fills in what was not sent."""
    try:
        return _create(company, fields)
    except Refused as refusal:
        raise Refused(*refusal.reasons, doing=DOING_NEW) from refusal


def _create(company: LedgerCompany, fields: Fields) -> CustomerRow:
    if not fields.get("name"):
        raise Refused("'Customer Name' cannot be empty.")
    class_id = fields.get("customerClassId") or next(iter(company.customer_classes))
    customer_class = _customer_class(company, class_id)
    row = _blank(company, fields, customer_class)
    _change(company, row, fields)
    if "vatZone" not in row.dto:
        row.dto["vatZone"] = company.vat_zones[_zone_for(company, row, fields, customer_class)]
    row.key = row.ref["number"] = row.dto["number"] = assigned(
        series=company.series["CUSTOMER"],
        given=fields.get("number"),
        override=bool(fields.get("overrideNumberSeries")),
        length=company.length("CUSTOMER"),
        what="Customer ID",
        taken=lambda key: key in company.customers or key in company.suppliers,
    )
    company.fresh(row)
    company.customers.add(row)
    show_own_contacts(company, row)
    add_location(company, row)
    company.ring("Customer: Created", payload(row))
    return row


def _blank(company: LedgerCompany, fields: Fields, customer_class: JSON) -> CustomerRow:
    internal_id = company.next_id("customer", start=101)
    main = address.new_address(company, {"countryId": company.country})
    contact = address.new_details(company, {"name": fields["name"]})
    dto: JSON = {
        "internalId": internal_id,
        "number": "",
        "name": fields["name"],
        "status": "Active",
        "mainAddress": main,
        "mainContact": contact,
        "customerClass": _class_ref(customer_class),
        "currencyId": company.base_currency,
        "creditVerification": "Disabled",
        "creditLimit": Decimal(0),
        "creditDaysPastDue": 0,
        "invoiceAddress": main,
        "invoiceContact": contact,
        "statementType": "OpenItem",
        "deliveryAddress": main,
        "deliveryContact": contact,
        "attributes": [],
        "directDebitLines": [],
        "paymentMethods": [],
        "timeStamp": "",
    }
    dto |= dict.fromkeys(SWITCHES_ON, True) | dict.fromkeys(SWITCHES_OFF, False)
    terms = company.class_terms.get(customer_class["id"])
    if terms is not None:
        dto["creditTerms"] = _terms_ref(company, terms)
    return CustomerRow(
        key="",
        dto=dto,
        internal_id=internal_id,
        ref={"number": "", "name": fields["name"]},
    )


def change(company: LedgerCompany, row: CustomerRow, fields: Fields) -> None:
    """Change what was sent; absent members stay."""
    try:
        _refuse_other_number(row, fields)
        _change(company, row, fields)
    except Refused as refusal:
        raise Refused(*refusal.reasons, doing=DOING_CHANGE) from refusal
    settled(company, row)


def _refuse_other_number(row: CustomerRow, fields: Fields) -> None:
    number = fields.get("number")
    if number is not None and norm(number) != norm(row.key):
        raise Refused("The customer number cannot be changed by an update.")


def settled(company: LedgerCompany, row: CustomerRow) -> None:
    """Stamp a changed customer with everything that shows it, and ring."""
    row.ref["name"] = row.dto["name"]
    company.touch(company.customers, row)
    show_own_contacts(company, row)
    company.ring("Customer: Updated", payload(row))


def _change(company: LedgerCompany, row: CustomerRow, fields: Fields) -> None:
    _check(company, fields)
    dto = row.dto
    for name in PLAIN:
        if name in fields and (fields[name] is not None or name not in ("name", "status")):
            put(dto, name, fields[name])
    for name in ("main", "invoice", "delivery"):
        _change_place(company, dto, fields, name)
    _change_codes(company, dto, fields)
    if "note" in fields:
        row.note = fields["note"]
    for line in fields.get("attributeLines") or []:
        dto["attributes"] = [a for a in dto["attributes"] if a["id"] != line.get("attributeId")]
        dto["attributes"].append(
            compact(id=line.get("attributeId"), value=line.get("attributeValue"))
        )


def _check(company: LedgerCompany, fields: Fields) -> None:
    if fields.get("currencyId") is not None and fields["currencyId"] not in company.currencies:
        raise unknown("Currency", fields["currencyId"])
    if fields.get("creditTermsId") is not None and fields["creditTermsId"] not in company.terms:
        raise unknown("Terms", fields["creditTermsId"])
    if fields.get("vatZoneId") is not None and fields["vatZoneId"] not in company.vat_zones:
        raise unknown("Tax Zone", fields["vatZoneId"])
    if fields.get("customerClassId") is not None:
        _customer_class(company, fields["customerClassId"])
    for name in ("mainAddress", "invoiceAddress", "deliveryAddress"):
        code = (fields.get(name) or {}).get("countryId")
        if code is not None:
            address.country(company, code)


def _change_place(company: LedgerCompany, dto: JSON, fields: Fields, name: str) -> None:
    """Write an address and contact; the first write of another than the main one separates it."""
    place, contact = f"{name}Address", f"{name}Contact"
    if fields.get(place) is not None:
        if name != "main" and dto[place] is dto["mainAddress"]:
            main = address.words_of(dto["mainAddress"])
            dto[place] = address.new_address(company, main | fields[place])
        else:
            address.change_address(company, dto[place], fields[place])
    if fields.get(contact) is not None:
        if name != "main" and dto[contact] is dto["mainContact"]:
            own = {k: v for k, v in dto["mainContact"].items() if k != "contactId"}
            dto[contact] = address.new_details(company, own | fields[contact])
        else:
            address.change_details(dto[contact], fields[contact])


def _change_codes(company: LedgerCompany, dto: JSON, fields: Fields) -> None:
    if fields.get("currencyId") is not None:
        dto["currencyId"] = fields["currencyId"]
    if "creditTermsId" in fields:
        terms = fields["creditTermsId"]
        put(dto, "creditTerms", None if terms is None else _terms_ref(company, terms))
    if fields.get("customerClassId") is not None:
        _change_class(company, dto, fields)
    if fields.get("vatZoneId") is not None:
        dto["vatZone"] = company.vat_zones[fields["vatZoneId"]]
    if "priceClassId" in fields:
        price_class = fields["priceClassId"]
        put(dto, "priceClass", price_class and {"id": price_class, "description": price_class})
    if "parentRecordNumber" in fields:
        parent = fields["parentRecordNumber"]
        found = company.customers.get(parent) if parent else None
        if parent and found is None:
            raise unknown("Parent Account", parent)
        put(dto, "parentRecord", found.ref if found else None)
    if "eInvoiceContract" in fields:
        put(dto, "eInvoiceContract", fields["eInvoiceContract"])


def _change_class(company: LedgerCompany, dto: JSON, fields: Fields) -> None:
    customer_class = _customer_class(company, fields["customerClassId"])
    dto["customerClass"] = _class_ref(customer_class)
    if not fields.get("overrideWithClassValues"):
        return
    zone = customer_class.get("taxZoneId")
    if zone is not None:
        dto["vatZone"] = company.vat_zones[zone]
    terms = company.class_terms.get(customer_class["id"])
    if terms is not None and "creditTermsId" not in fields:
        dto["creditTerms"] = _terms_ref(company, terms)


def _zone_for(
    company: LedgerCompany, row: CustomerRow, fields: Fields, customer_class: JSON
) -> str:
    zone = customer_class.get("taxZoneId")
    if zone is not None:
        return str(zone)
    code = row.dto["mainAddress"].get("country", {}).get("id", company.country)
    names = list(company.vat_zones)
    if code == company.country:
        return names[0]
    return names[1] if code in EU else names[-1]


def rename(company: LedgerCompany, row: CustomerRow, number: str) -> None:
    """Change the visible number; documents show the new one from now on."""
    key = new_key(
        number,
        length=company.length("CUSTOMER"),
        what="Customer ID",
        taken=lambda key: key in company.customers or key in company.suppliers,
    )
    old = row.key
    company.customers.rename(row, key)
    row.dto["number"] = row.ref["number"] = key
    for location in company.locations:
        if location.dto["baccount"]["number"] == old:
            location.dto["baccount"]["number"] = key
            company.locations.rename(location, f"{key} {location.dto['locationId']}")
    for contact in company.contacts:
        if contact.dto.get("businessAccount") == old:
            contact.dto["businessAccount"] = key
    settled(company, row)


def payload(row: CustomerRow) -> JSON:
    """Give the body of a customer webhook."""
    return {"entity": "customer", "key": row.key, "internalId": row.internal_id}


def _customer_class(company: LedgerCompany, class_id: str) -> JSON:
    found = company.customer_classes.get(class_id)
    if found is None:
        raise unknown("Customer Class", class_id)
    return found


def _class_ref(customer_class: JSON) -> JSON:
    return {"id": customer_class["id"], "description": customer_class["description"]}


def _terms_ref(company: LedgerCompany, terms: str) -> JSON:
    return {"id": terms, "description": company.terms[terms]["description"]}
