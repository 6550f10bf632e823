"""Settings: business units, VAT rates, currencies, countries, statuses, accounts and users."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Op, Reply
from sandbox.severa import crud
from sandbox.severa.errors import invalid, missing, not_allowed
from sandbox.severa.fields import Entity, Filter, show_record
from sandbox.severa.kinds import (
    CURRENCY,
    SINCE,
    computed,
    fixed,
    flag,
    guids,
    int32,
    is_flag,
    number,
    ref,
    text,
    texts,
    user,
)
from sandbox.severa.lists import selection
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

METHODS = ("Phone", "Fax", "MobilePhone", "IPPhone", "InstantMessenger", "EmailAddress")
NAME = text("name", required=True)
ACTIVE = flag("isActive", True)
IS_ACTIVE = is_flag("active")


def _check_unit(org: Organization, record: Record | None, values: Record) -> None:
    """A unit with a VAT number is a company of its own; others belong to their parent's."""
    merged = {**(record or {}), **values}
    parent = org.find("businessunits", merged.get("parentGuid"))
    if merged.get("vatNumber") or parent is None:
        values["companyBusinessUnitGuid"] = merged.get("guid")
        values["companyName"] = merged["name"]
        values["companyGuid"] = merged.get("companyGuid") or org.new_guid()
    else:
        for name in ("companyBusinessUnitGuid", "companyName", "companyGuid"):
            values[name] = parent[name]
    country = org.tables["countries"].where("code2", org.sample.country)[0]
    values["companyCountryGuid"] = country["guid"]
    values["companyCurrencyGuid"] = org.tables["currencies"].where("code", org.home)[0]["guid"]


def _after_unit(org: Organization, record: Record, values: Record) -> None:
    if record.get("companyBusinessUnitGuid") is None:
        record["companyBusinessUnitGuid"] = record["guid"]


UNITS = Entity(
    name="businessunits",
    scope="settings",
    check=_check_unit,
    after=_after_unit,
    filters=(
        IS_ACTIVE,
        guids("companyGuid", "companyGuid"),
        guids("companyCountryGuid", "companyCountryGuid"),
        texts("code", "code"),
        texts("name", "name"),
        SINCE,
    ),
    fields=(
        text("code"),
        text("companyBusinessUnitGuid", read_only=True),
        text("companyCountryGuid", read_only=True),
        text("companyCurrencyGuid", read_only=True),
        text("companyGuid", read_only=True),
        text("companyName", read_only=True),
        fixed("costCenter"),
        ACTIVE,
        text("kvkNumber"),
        NAME,
        text("parentGuid"),
        text("vatNumber"),
    ),
)


def _guard_vat(org: Organization, record: Record) -> None:
    if record["isDefault"]:
        raise invalid("The default VAT rate cannot be deleted.")


VAT_RATES = Entity(
    name="vatrates",
    scope="settings",
    paging="none",
    guard=_guard_vat,
    filters=(guids("countryGuid", "countryGuid"), IS_ACTIVE),
    fields=(
        text("code"),
        text("countryGuid"),
        ACTIVE,
        flag("isDefault"),
        number("percentage", required=True),
    ),
)
CURRENCIES = Entity(
    name="currencies",
    scope="settings",
    filters=(IS_ACTIVE,),
    search=("code", "name"),
    fields=(
        text("code", read_only=True),
        ACTIVE,
        flag("isOrganizationCurrency", read_only=True),
        text("name"),
        number("rate"),
        text("symbol"),
    ),
)


def _guard_status(org: Organization, record: Record) -> None:
    if org.tables["invoices"].where("status", record["guid"]):
        raise not_allowed("A status in use cannot be deleted, only disabled.")


def _after_status(org: Organization, record: Record, values: Record) -> None:
    """Only one status is the default, and one the default after credit."""
    for mark in ("isDefault", "isDefaultForCreditNote"):
        if values.get(mark):
            for other in org.tables["invoicestatuses"]:
                if other["guid"] != record["guid"] and other[mark]:
                    org.update("invoicestatuses", other, {mark: False})


INVOICE_STATUSES = Entity(
    name="invoicestatuses",
    scope="settings",
    guard=_guard_status,
    after=_after_status,
    filters=(IS_ACTIVE,),
    fields=(
        flag("hasInvoiceNumber"),
        ACTIVE,
        flag("isDefault"),
        flag("isDefaultForCreditNote"),
        flag("isPaid"),
        flag("isReadOnly"),
        flag("isSent"),
        flag("isWaitingPayment"),
        NAME,
        int32("sortOrder", default=0),
    ),
)
SALES_STATUSES = Entity(
    name="salesstatustypes",
    scope="settings",
    filters=(IS_ACTIVE, Filter(name="salesState", kind="texts", on="salesState")),
    fields=(
        int32("defaultProbability"),
        ACTIVE,
        flag("isProposalDefault"),
        NAME,
        text("salesState", required=True, allowed=("InProgress", "Won", "Lost")),
    ),
)
PROJECT_STATUSES = Entity(
    name="projectstatustypes",
    scope="settings",
    filters=(IS_ACTIVE,),
    fields=(ACTIVE, NAME, int32("sortOrder", default=0)),
)
PHASE_STATUSES = Entity(
    name="phasestatustypes",
    scope="settings",
    filters=(IS_ACTIVE,),
    fields=(ACTIVE, NAME, int32("sortOrder", default=0)),
)
COMMUNICATION_TYPES = Entity(
    name="communicationtypes",
    scope="settings",
    filters=(IS_ACTIVE,),
    fields=(ACTIVE, NAME, text("type", required=True, allowed=METHODS)),
)
SALES_ACCOUNTS = Entity(
    name="salesaccounts",
    scope="settings",
    filters=(IS_ACTIVE,),
    fields=(
        ACTIVE,
        flag("isProductDefault"),
        flag("isTravelTypeDefault"),
        flag("isWorkTypeDefault"),
        NAME,
        text("number", required=True),
    ),
)
COST_ACCOUNTS = Entity(
    name="costaccounts",
    scope="settings",
    filters=(IS_ACTIVE,),
    fields=(ACTIVE, NAME, text("number", required=True)),
)
COST_CENTERS = Entity(
    name="costcenters",
    scope="settings",
    filters=(IS_ACTIVE, texts("identifier", "identifier"), texts("name", "name"), SINCE),
    fields=(text("identifier", required=True), ACTIVE, flag("isDefault"), NAME),
)
BANK_ACCOUNTS = Entity(
    name="bankaccounts",
    scope="settings",
    filters=(IS_ACTIVE,),
    fields=(
        text("accountNumber", required=True),
        text("accountNumberFormat", required=True, allowed=("Iban", "Bankgiro")),
        text("bankName", required=True),
        text("bic"),
        ref("businessUnit", "businessunits"),
        fixed("company"),
        ACTIVE,
    ),
)
TEMPLATES = Entity(
    name="invoicetemplates",
    scope="settings",
    filters=(IS_ACTIVE,),
    fields=(
        fixed("canDelete", False),
        ACTIVE,
        flag("isDefault"),
        text("title", required=True, keep="name"),
    ),
)
COUNTRIES = Entity(
    name="countries",
    scope="settings",
    paging="none",
    audit=False,
    fields=(
        text("code2"),
        text("code3"),
        fixed("companyRegisterUrl"),
        ref("currency", "currencies", CURRENCY),
        fixed("defaultCulture"),
        ref("defaultLanguage", "languages"),
        text("englishName"),
        text("hasRegions"),
        flag("isInEU"),
        flag("isRegistrationCountry"),
        text("name"),
        ref("timezone", "timezones"),
    ),
)
REGIONS = Entity(
    name="countryregions",
    scope="settings",
    paging="none",
    audit=False,
    fields=(text("code"), text("name"), fixed("timezone")),
)
LANGUAGES = Entity(
    name="languages",
    scope="settings",
    paging="none",
    audit=False,
    fields=(text("code"), text("englishName"), fixed("isInvoiceLanguage", True), text("name")),
)
TIMEZONES = Entity(
    name="timezones",
    scope="settings",
    paging="none",
    audit=False,
    fields=(text("ianaName"), text("name"), text("systemName")),
)


def _check_user(org: Organization, record: Record | None, values: Record) -> None:
    merged = {**(record or {}), **values}
    values["name"] = f"{merged['firstName']} {merged['lastName']}"


USERS = Entity(
    name="users",
    scope="users",
    paging="token",
    check=_check_user,
    filters=(is_flag("isActive"), texts("code", "code"), texts("email", "email"), SINCE),
    fields=(
        ref("businessUnit", "businessunits", "code companyGuid companyName name"),
        text("code"),
        text("email"),
        text("firstName", required=True),
        ACTIVE,
        fixed("keywords", []),
        text("lastName", required=True),
        text("phone"),
        text("title"),
        computed("userType", lambda org, record: "FullUser"),
        user("superiorUser"),
    ),
)


async def _vat_rates(call: Call) -> Reply:
    """Without `countryGuid` only the rates of the organization's country are listed."""
    org: Organization = call.company
    chosen = selection(org, VAT_RATES, call.query)
    home = org.tables["countries"].where("code2", org.sample.country)[0]["guid"]
    named = call.query.one("countryGuid") is not None
    rows = [
        row
        for row in org.tables["vatrates"]
        if chosen(row) and (named or row.get("countryGuid") in (None, home))
    ]
    return Reply(body=[show_record(org, VAT_RATES, row) for row in rows])


def _is_guid(params: dict[str, str]) -> bool:
    return len(params["guid"]) == 36 and params["guid"].count("-") == 4


def _has_length(name: str, length: int) -> Any:
    return lambda params: len(params[name]) == length and params[name].isalpha()


def _countries_by(name: str, *keys: str) -> Any:
    async def handle(call: Call) -> Reply:
        org: Organization = call.company
        wanted = call.params[name].casefold()
        rows = [
            row
            for row in org.tables["countries"]
            if any(str(row.get(key)).casefold() == wanted for key in keys)
        ]
        if not rows:
            raise missing()
        return Reply(body=[show_record(org, COUNTRIES, row) for row in rows])

    return handle


async def _regions(call: Call) -> Reply:
    org: Organization = call.company
    country = crud.found(call, "countries", "countryGuid")
    rows = org.tables["countryregions"].where("country", country["guid"])
    return Reply(body=[show_record(org, REGIONS, row) for row in rows])


def _read(path: str, handler: Any, *, fits: Any = None) -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=("settings:read",), fits=fits)


PLACES = "/v1/localization"
OPS = (
    *crud.operations(UNITS),
    _read("/v1/vatrates", _vat_rates),
    *crud.operations(VAT_RATES, verbs="get post patch delete"),
    *crud.operations(CURRENCIES, verbs="list get patch"),
    *crud.operations(INVOICE_STATUSES),
    *crud.operations(SALES_STATUSES),
    *crud.operations(PROJECT_STATUSES),
    *crud.operations(PHASE_STATUSES),
    *crud.operations(COMMUNICATION_TYPES),
    *crud.operations(SALES_ACCOUNTS),
    *crud.operations(COST_ACCOUNTS),
    *crud.operations(COST_CENTERS),
    *crud.operations(BANK_ACCOUNTS, verbs="list get"),
    *crud.operations(TEMPLATES, verbs="list get"),
    *crud.operations(USERS),
    _read(f"{PLACES}/countries", crud.lister(COUNTRIES)),
    _read(f"{PLACES}/countries/{{guid}}", crud.getter(COUNTRIES), fits=_is_guid),
    _read(
        f"{PLACES}/countries/{{code2}}",
        _countries_by("code2", "code2"),
        fits=_has_length("code2", 2),
    ),
    _read(
        f"{PLACES}/countries/{{code3}}",
        _countries_by("code3", "code3"),
        fits=_has_length("code3", 3),
    ),
    _read(
        f"{PLACES}/countries/{{countryName}}", _countries_by("countryName", "name", "englishName")
    ),
    _read(f"{PLACES}/countries/{{countryGuid}}/countryregions", _regions),
    _read(f"{PLACES}/countryregions/{{guid}}", crud.getter(REGIONS)),
    _read(f"{PLACES}/languages", crud.lister(LANGUAGES)),
    _read(f"{PLACES}/languages/{{guid}}", crud.getter(LANGUAGES)),
    _read(f"{PLACES}/timezones", crud.lister(TIMEZONES)),
    _read(f"{PLACES}/timezones/{{guid}}", crud.getter(TIMEZONES)),
)
