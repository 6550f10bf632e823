"""Fills the settings of a Severa organization: statuses, units, currencies, countries and so on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.samples.company import Company
from sandbox.samples.words import WORDS
from sandbox.severa.state import Organization

# Example 1 of the rules (R88 to R96): name, not editable, number, sent, paid.
STATUSES = (
    ("Failed invoices", False, False, False, False),
    ("Draft", False, False, False, False),
    ("Waiting for approval", False, False, False, False),
    ("Approved, ready for Financials", True, False, False, False),
    ("In Financials, send to customer", True, True, True, False),
    ("Sent", True, True, True, False),
    ("Partially paid", True, True, True, False),
    ("Paid", True, True, True, True),
)
DEFAULT, DEFAULT_FOR_CREDIT = "Draft", "Approved, ready for Financials"
CHANNELS = (
    ("Email", "EmailAddress"),
    ("Mobile", "MobilePhone"),
    ("Phone", "Phone"),
    ("Direct phone", "Phone"),
    ("Fax", "Fax"),
)
COUNTRIES = (
    ("NO", "NOR", "Norge", "Norway", "NOK", False),
    ("SE", "SWE", "Sverige", "Sweden", "SEK", True),
    ("FI", "FIN", "Suomi", "Finland", "EUR", True),
    ("DK", "DNK", "Danmark", "Denmark", "DKK", True),
    ("DE", "DEU", "Deutschland", "Germany", "EUR", True),
    ("NL", "NLD", "Nederland", "Netherlands", "EUR", True),
    ("GB", "GBR", "United Kingdom", "United Kingdom", "GBP", False),
    ("US", "USA", "United States", "United States", "USD", False),
)
LANGUAGES = {"NO": ("nb", "Norwegian"), "SE": ("sv", "Swedish"), "FI": ("fi", "Finnish")}
SALES = (
    ("Proposal", "InProgress", 50),
    ("Prospect", "InProgress", 25),
    ("Won", "Won", 100),
    ("Lost", "Lost", 0),
)


def fill_settings(org: Organization, company: Company) -> dict[str, Any]:
    """Fill the settings and give the guids by which the rest of the sample refers to them."""
    org.home = company.home
    languages = {
        code: org.insert("languages", {"code": short, "englishName": name, "name": name})["guid"]
        for code, (short, name) in LANGUAGES.items()
    }
    org.insert(
        "timezones", {"ianaName": "Europe/Oslo", "name": "(UTC+01:00)", "systemName": "W. Europe"}
    )
    currencies = _currencies(org, company)
    countries, regions = _places(org, company, currencies, languages)
    _users(org, company)
    return {
        "language": languages[company.country],
        "currency": currencies,
        "country": countries,
        "region": regions,
        "vat": _vat_rates(org, company, countries),
        "unit": _units(org, company),
        "channel": _channels(org),
        "sales": _sales(org),
        "project_status": _project_statuses(org),
        "status": _statuses(org),
        "account": _accounts(org),
        "category": _category(org),
    }


def _currencies(org: Organization, company: Company) -> dict[str, str]:
    return {
        row.code: org.insert(
            "currencies",
            {
                "code": row.code,
                "isActive": True,
                "isOrganizationCurrency": row.code == company.home,
                "name": row.name,
                "rate": row.rate,
                "symbol": row.symbol,
            },
        )["guid"]
        for row in company.currencies
    }


def _places(
    org: Organization, company: Company, currencies: dict[str, str], languages: dict[str, str]
) -> tuple[dict[str, str], dict[tuple[str, str | None], str]]:
    countries: dict[str, str] = {}
    regions: dict[tuple[str, str | None], str] = {}
    for code2, code3, name, english, currency, in_eu in COUNTRIES:
        record = org.insert(
            "countries",
            {
                "code2": code2,
                "code3": code3,
                "name": name,
                "englishName": english,
                "currency": currencies.get(currency),
                "defaultLanguage": languages.get(code2),
                "hasRegions": "HasRegions" if code2 in WORDS else "NoRegion",
                "isInEU": in_eu,
                "isRegistrationCountry": code2 in WORDS,
            },
        )
        countries[code2] = record["guid"]
        names = sorted({town.region for town in WORDS[code2].towns}) if code2 in WORDS else []
        for region in names:
            values = {"code": None, "name": region, "country": record["guid"]}
            regions[code2, region] = org.insert("countryregions", values)["guid"]
    return countries, regions


def _users(org: Organization, company: Company) -> None:
    for place, person in enumerate(company.people):
        name = f"{person.first_name} {person.last_name}"
        record = org.insert(
            "users",
            {
                "code": f"U{place + 1}",
                "email": person.email,
                "firstName": person.first_name,
                "lastName": person.last_name,
                "name": name,
                "isActive": True,
                "phone": person.phone,
                "title": person.title,
            },
        )
        if not org.api_user:
            org.api_user = record["guid"]


def _vat_rates(
    org: Organization, company: Company, countries: dict[str, str]
) -> dict[Decimal, str]:
    rates = [row.percent for row in company.vat_categories] + [Decimal(0)]
    return {
        rate: org.insert(
            "vatrates",
            {
                "code": f"VAT{rate}",
                "countryGuid": countries[company.country],
                "isActive": True,
                "isDefault": place == 0,
                "percentage": rate,
            },
        )["guid"]
        for place, rate in enumerate(rates)
    }


def _units(org: Organization, company: Company) -> dict[str, str]:
    guids: dict[str, str] = {}
    country = org.tables["countries"].where("code2", company.country)[0]["guid"]
    currency = org.tables["currencies"].where("code", company.home)[0]["guid"]
    for row in company.divisions:
        parent = org.find("businessunits", guids.get(row.parent or ""))
        record = org.insert(
            "businessunits",
            {
                "code": row.code,
                "name": row.name,
                "isActive": True,
                "vatNumber": row.vat_number,
                "parentGuid": parent["guid"] if parent else None,
                "companyCountryGuid": country,
                "companyCurrencyGuid": currency,
            },
        )
        owner = record if row.vat_number or parent is None else parent
        if owner is record:
            record["companyGuid"] = org.new_guid()
            record["companyName"] = row.name
            record["companyBusinessUnitGuid"] = record["guid"]
        else:
            for name in ("companyGuid", "companyName", "companyBusinessUnitGuid"):
                record[name] = owner[name]
        guids[row.code] = record["guid"]
    return guids


def _channels(org: Organization) -> dict[str, str]:
    guids: dict[str, str] = {}
    for name, kind in CHANNELS:
        record = org.insert("communicationtypes", {"name": name, "type": kind, "isActive": True})
        guids.setdefault(kind, record["guid"])
    return guids


def _sales(org: Organization) -> dict[str, str]:
    guids: dict[str, str] = {}
    for name, state, probability in SALES:
        record = org.insert(
            "salesstatustypes",
            {
                "name": name,
                "salesState": state,
                "defaultProbability": probability,
                "isActive": True,
                "isProposalDefault": False,
            },
        )
        guids.setdefault(state, record["guid"])
    return guids


def _project_statuses(org: Organization) -> str:
    names = ("In progress", "On hold", "Completed")
    rows = [
        org.insert("projectstatustypes", {"name": name, "isActive": True, "sortOrder": place})
        for place, name in enumerate(names)
    ]
    return str(rows[0]["guid"])


def _statuses(org: Organization) -> dict[str, str]:
    return {
        name: org.insert(
            "invoicestatuses",
            {
                "name": name,
                "sortOrder": place + 1,
                "isActive": True,
                "isReadOnly": read_only,
                "hasInvoiceNumber": number,
                "isSent": sent,
                "isPaid": paid,
                "isWaitingPayment": False,
                "isDefault": name == DEFAULT,
                "isDefaultForCreditNote": name == DEFAULT_FOR_CREDIT,
            },
        )["guid"]
        for place, (name, read_only, number, sent, paid) in enumerate(STATUSES)
    }


def _accounts(org: Organization) -> str:
    values = {"name": "Travel", "number": "7100", "isActive": True}
    org.insert("costaccounts", values)
    org.insert("invoicetemplates", {"name": "Standard", "isActive": True, "isDefault": True})
    record = org.insert(
        "salesaccounts",
        {
            "name": "Sales",
            "number": "3000",
            "isActive": True,
            "isProductDefault": True,
            "isTravelTypeDefault": True,
            "isWorkTypeDefault": True,
        },
    )
    return str(record["guid"])


def _category(org: Organization) -> str:
    values = {"code": "GEN", "name": "General", "isActive": True, "isDefault": True}
    return str(org.insert("productcategories", values)["guid"])
