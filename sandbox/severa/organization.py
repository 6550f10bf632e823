"""The organization: details, settings, and the vendor's own integration."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Handler, Op, Reply
from sandbox.severa.errors import no_addon
from sandbox.severa.fields import show_ref
from sandbox.severa.state import Organization

CURRENCY = ("code", "name", "symbol")
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


async def _details(call: Call) -> Reply:
    org: Organization = call.company
    sample = org.sample
    currency = org.tables["currencies"].where("code", org.home)[0]["guid"]
    country = org.tables["countries"].where("code2", sample.country)[0]
    return Reply(
        body={
            "activeAddons": [],
            "activeCompanies": _companies(org),
            "address": "\n".join(sample.address.lines),
            "city": sample.address.city,
            "country": {
                "code": country["code2"],
                "englishName": country["englishName"],
                "guid": country["guid"],
                "name": country["name"],
            },
            "currency": show_ref(org, "currencies", currency, CURRENCY),
            "eInvoiceAddress": None,
            "eInvoiceOperatorCode": None,
            "fax": None,
            "formatting": None,
            "guid": org.guid,
            "isVatRegistered": True,
            "kvkNumber": None,
            "language": None,
            "name": sample.name,
            "odpCompany": None,
            "phone": None,
            "postalCode": sample.address.postal_code,
            "registeredOffice": sample.address.city,
            "termsOfServiceApprover": None,
            "timezone": None,
            "vatNumber": sample.vat_number,
        }
    )


def _companies(org: Organization) -> list[dict[str, Any]]:
    country = org.tables["countries"].where("code2", org.sample.country)[0]
    currency = org.tables["currencies"].where("code", org.home)[0]
    return [
        {
            "country": {key: country[key] for key in ("code3", "englishName", "guid", "name")},
            "currencyCode": currency["code"],
            "currencyGuid": currency["guid"],
            "currencyRate": currency["rate"],
            "currencySymbol": currency["symbol"],
            "guid": unit["companyGuid"],
            "name": unit["name"],
            "rootBusinessUnitGuid": unit["guid"],
        }
        for unit in org.tables["businessunits"]
        if unit["vatNumber"]
    ]


async def _settings(call: Call) -> Reply:
    org: Organization = call.company
    kept = org.settings
    return Reply(
        body={
            "currencyRoundingType": kept.rounding,
            "displayProjectNumber": True,
            "isAddingNewKeywordsFromProjectAllowed": True,
            "isCustomerSearchAllowed": True,
            "isEnteringHourPlannedInvoiceQuantityAllowed": False,
            "isIdenticalPhaseCodesAllowed": True,
            "isWorkHourDescriptionMandatory": False,
            "lastCustomerNumber": kept.next_customer_number - 1,
            "lastInvoiceNumber": kept.last_invoice_number,
            "lastProjectNumber": kept.next_project_number - 1,
            "nextCustomerNumber": kept.next_customer_number,
            "nextInvoiceNumber": kept.next_invoice_number,
            "nextProjectNumber": kept.next_project_number,
            "nextTravelReimbursementNumber": 1,
            "overdueInterest": None,
            "paymentReferenceNumberDisplaySetting": kept.reference_display,
            "paymentTerm": kept.payment_term,
            "projectNameDisplayFormatSetting": "ProjectNamePhaseName",
            "projectNameDisplaySetting": "ShowProjectLongName",
            "quickSearchSetting": "ShowOpenProjectsSalesCasesAndCustomers",
            "setCreditNoteInvoiceNumber": kept.set_credit_note_number,
            "uniqueIdentifierForProductsAndWorktypes": kept.unique_item_codes,
            "workHourApprovalMode": "None",
            "workHourEntryFormat": "Quantity",
            "workWeek": WEEK,
        }
    )


async def _vendor_integration(call: Call) -> Reply:
    if not call.world.assume.vendor_integration_on:
        raise no_addon("The Visma.net Financials integration is not active.")
    sample = call.company.sample
    return Reply(body={"id": sample.financials.company_number, "name": sample.name})


async def _custom(call: Call) -> Reply:
    if not call.world.assume.custom_properties_on:
        raise no_addon("The custom properties add-on is not active.")
    return Reply(body=[])


def _read(path: str, handler: Handler, scope: str) -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=(scope,))


OPS = (
    _read("/v1/organizationdetails", _details, "organization:read"),
    _read("/v1/organizationsettings", _settings, "organization:read"),
    _read(
        "/v1/integrations/vismafinancials/companyinformation",
        _vendor_integration,
        "organization:read",
    ),
    _read("/v1/customers/customproperties", _custom, "settings:read"),
    _read("/v1/projects/customproperties", _custom, "settings:read"),
    _read("/v1/customers/{customerGuid}/customvalues", _custom, "customers:read"),
    _read("/v1/projects/{projectGuid}/customvalues", _custom, "projects:read"),
)
