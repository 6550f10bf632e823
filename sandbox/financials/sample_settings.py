"""The settings part of a sample company: registers that a company has before its first customer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from sandbox.samples import company as c

from . import address
from .moment import day
from .numbering import Series
from .project import blank
from .rows import ProjectRow
from .sample_vat import BEGINNING, fill_vat
from .serve_reference import rate_row
from .serve_setting import account_row
from .state import LedgerCompany
from .table import JSON
from .task import add_task

COUNTRIES = {
    "NO": "Norway",
    "SE": "Sweden",
    "FI": "Finland",
    "DK": "Denmark",
    "DE": "Germany",
    "NL": "Netherlands",
    "GB": "United Kingdom",
    "EE": "Estonia",
    "PL": "Poland",
    "US": "United States",
}
SERIES = (
    ("CUSTOMER", "Customers", "10001"),
    ("ARINVOICE", "Customer invoices", "100001"),
    ("ARCREDIT", "Customer credit notes", "200001"),
    ("ARPAYMENT", "Customer payments", "300001"),
    ("APINVOICE", "Supplier invoices", "400001"),
    ("BATCHGL", "Journal transactions", "500001"),
    ("BATCHAR", "Customer ledger batches", "600001"),
    ("BATCHAP", "Supplier ledger batches", "700001"),
)
DIMENSIONS = (
    ("BIZACCT", "Business account", 10, True),
    ("CUSTOMER", "Customer", 10, True),
    ("SUPPLIER", "Supplier", 10, True),
    ("EMPLOYEE", "Employee", 10, True),
    ("INVENTORY", "Inventory", 15, False),
    ("PROJECT", "Project", 4, False),
    ("PROTASK", "Project task", 4, False),
    ("SUBACCOUNT", "Subaccount", 1, False),
)
DISCOUNT_CLASS = "PARTNER"


def fill_settings(company: LedgerCompany, sample: c.Company) -> None:
    """Fill every register that is no master data."""
    company.base_currency = sample.home
    for code, name in COUNTRIES.items():
        company.countries[code] = {"id": code, "name": name}
    _numbering(company)
    for account in sample.accounts:
        account_row(
            company, number=account.number, description=account.description, kind=account.kind
        )
    _currencies(company, sample)
    fill_vat(company, sample)
    _terms(company, sample)
    _classes(company, sample)
    _units(company, sample)
    _periods(company, sample)
    _organization(company, sample)
    _projects(company)
    company.payment_methods["BANK"] = {
        "paymentMethodID": "BANK",
        "active": True,
        "meansOfPayment": "CashOrCheck",
        "description": "Bank transfer",
        "useInAP": True,
        "details": [],
    }
    company.discounts[DISCOUNT_CLASS] = Decimal(5)


def _numbering(company: LedgerCompany) -> None:
    for series_id, description, start in SERIES:
        company.series[series_id] = Series(id=series_id, description=description, start=start)
    for name, description, length, automatic in DIMENSIONS:
        key = str(uuid5(NAMESPACE_URL, f"{company.tenant}/{name}"))
        segment: JSON = {
            "internalId": key,
            "segmentId": 1,
            "description": description,
            "length": length,
            "publicId": key,
            "timeStamp": company.next_version(),
            "lastModified": BEGINNING,
            "validate": False,
            "isAutoNumber": automatic,
            "consolNumChar": 0,
            "consolOrder": 0,
            "segmentValues": [],
        }
        company.dimensions[name] = {
            "id": name,
            "length": length,
            "description": description,
            "segments": [segment],
        }


def _currencies(company: LedgerCompany, sample: c.Company) -> None:
    for currency in sample.currencies:
        home = currency.code == sample.home
        company.currencies[currency.code] = {
            "id": currency.code,
            "description": currency.name,
            "symbol": currency.symbol,
            "isBaseCurrency": home,
            "decimalPrecision": 2,
            "isUsedForAccounting": True,
        }
        if not home:
            rate_row(
                company, from_currency=currency.code, rate=currency.rate, on="2020-01-01T00:00:00"
            )
    company.rate_types.append({"id": "SPOT", "description": "Spot rate", "daysEffective": 0})


def _terms(company: LedgerCompany, sample: c.Company) -> None:
    for row in sample.terms:
        company.terms[row.id] = _terms_dto(row.id, row.description, "FixedNumberOfDays", row.days)
    company.terms["EOM"] = _terms_dto("EOM", "End of month", "EndOfMonth", 0)


def _terms_dto(terms_id: str, description: str, kind: str, days: int) -> JSON:
    return {
        "termsId": terms_id,
        "description": description,
        "visibleTo": "All",
        "dueDateType": kind,
        "moveDueDateIfOnTheWeekend": "NoMove",
        "dueDay1": days,
        "dueDay1DayFrom1": 0,
        "dueDay1DayTo1": 0,
        "dueDay2": 0,
        "dueDay2DayFrom1": 0,
        "dueDay2DayTo1": 0,
        "discountType": "FixedNumberOfDays",
        "discountDay": 0,
        "discountPercent": Decimal(0),
        "delayDays": 0,
        "instalmentType": "Single",
        "numberOfInstalments": 0,
        "instalmentsSchedule": [],
        "createdDateTime": BEGINNING,
        "lastModifiedDateTime": BEGINNING,
    }


def _classes(company: LedgerCompany, sample: c.Company) -> None:
    for row in sample.customer_classes:
        company.customer_classes[row.id] = {
            "id": row.id,
            "description": row.description,
            "taxZoneId": row.kind,
            "requiredTaxzoneId": True,
            "paymentMethodId": "BANK",
            "attributes": [],
        }
        company.class_terms[row.id] = sample.terms[0].id
    company.posting_classes["STD"] = {"id": "STD", "description": "Standard"}
    expense = [account.number for account in sample.accounts if account.kind == "Expense"]
    income = [account.number for account in sample.accounts if account.kind == "Income"]
    for row in sample.item_classes:
        company.item_classes[row.id] = {
            "type": row.kind,
            "attributes": [],
            "id": row.id,
            "description": row.description,
        }
        company.class_items[row.id] = {
            "unit": sample.measures[0].financials,
            "posting": "STD",
            "category": sample.vat_categories[0].id,
            "sales": income[0],
            "expense": expense[-1] if row.kind == "ExpenseItem" else expense[0],
        }


def _units(company: LedgerCompany, sample: c.Company) -> None:
    for measure in sample.measures:
        company.units.append(_unit(measure.financials, measure.financials, Decimal(1)))
    if len(sample.measures) > 2:
        hour, whole_day = sample.measures[1].financials, sample.measures[2].financials
        company.units.append(_unit(whole_day, hour, Decimal("7.5")))


def _unit(source: str, target: str, rate: Decimal) -> JSON:
    return {"fromUnit": source, "toUnit": target, "unitMultDiv": "Multiply", "unitRate": rate}


def _periods(company: LedgerCompany, sample: c.Company) -> None:
    for year in range(sample.today.year - 3, sample.today.year + 2):
        for month in range(1, 13):
            start = date(year, month, 1)
            end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            company.periods[f"{year}{month:02d}"] = {
                "year": year,
                "period": f"{year}{month:02d}",
                "startDate": day(start),
                "endDate": day(end),
                "description": start.strftime("%B"),
                "active": True,
                "closedInSupplierLedger": False,
                "closedInCustomerLedger": False,
                "closedInInventoryManagement": False,
                "closedInGeneralLedger": False,
                "closedInCashManagement": False,
                "closedInFixedAssets": False,
            }


def _organization(company: LedgerCompany, sample: c.Company) -> None:
    place = address.new_address(company, words(sample.address))
    contact = address.new_details(company, {"name": sample.name})
    domestic = company.vat_zones[c.DOMESTIC_ZONE]
    common: JSON = {
        "lastModifiedDateTime": BEGINNING,
        "mainAddress": place,
        "mainContact": contact,
        "deliveryAddress": place,
        "deliveryContact": contact,
        "defaultCountry": company.countries[company.country],
        "ledger": {"id": "1", "description": "Actual Ledger"},
    }
    currency = company.currencies[sample.home]
    for branch in sample.branches:
        company.branches[branch.number] = {
            **common,
            "branchId": len(company.branches) + 1,
            "number": branch.number,
            "name": branch.name,
            "organizationId": 1,
            "isMainBranch": not company.branches,
            "isActive": True,
            "corporateId": branch.corporate_id,
            "vatRegistrationId": branch.vat_number,
            "currency": {name: currency[name] for name in ("id", "description", "symbol")},
            "vatZone": {name: domestic[name] for name in ("id", "description")},
        }
    company.organization = {
        **common,
        "organizationCd": "1",
        "name": sample.name,
        "organizationType": "WithBranches" if len(sample.branches) > 1 else "WithoutBranches",
        "fileTaxByBranches": False,
        "baseCurrency": sample.home,
        "corporateId": sample.org_number,
        "vatRegistrationId": sample.vat_number,
        "currency": currency,
        "vatZone": domestic,
        "branches": [{"number": b.number, "name": b.name} for b in sample.branches],
        "timeStamp": company.next_version(),
        **_ledger_accounts(company),
    }


def _ledger_accounts(company: LedgerCompany) -> JSON:
    by_kind: dict[str, list[str]] = {}
    for account in company.accounts:
        by_kind.setdefault(account.dto["type"], []).append(account.key)
    assets, liabilities = by_kind["Asset"], by_kind["Liability"]
    return {
        "receivable": _account(company, assets[0]),
        "cashAccount": assets[-1],
        "payable": _account(company, liabilities[0]),
        "vatAccount": liabilities[1],
        "inputVatAccount": liabilities[-1],
    }


def _account(company: LedgerCompany, number: str) -> JSON:
    row = company.accounts.get(number)
    assert row is not None
    return {
        "type": row.dto["type"],
        "active": True,
        "number": number,
        "description": row.dto["description"],
    }


def _projects(company: LedgerCompany) -> None:
    """Add the reserved project that means none, and the template `Z` with its task `10`."""
    nobody = blank(company, "X", "Non-Project Code.")
    nobody.non_project = True
    nobody.dto["startDate"] = BEGINNING
    company.fresh(nobody)
    company.projects.add(nobody)
    template: ProjectRow = blank(company, "Z", "Severa")
    template.template = True
    template.dto["systemTemplate"] = True
    template.dto["startDate"] = BEGINNING
    company.fresh(template)
    company.templates["Z"] = template
    task = add_task(company, template, {"taskId": "10", "description": "Invoicing"})
    company.tasks.remove(task)


def words(place: c.Address) -> JSON:
    """Give a sample address in the written form."""
    names = ("addressLine1", "addressLine2", "addressLine3")
    fields: JSON = dict(zip(names, place.lines, strict=False))
    fields |= {"postalCode": place.postal_code, "city": place.city, "countryId": place.country}
    return fields if place.region is None else {**fields, "county": place.region}
