"""Routes of the reference data: company, currencies, VAT, terms, numbering, accounts, periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from sandbox.http import Call, Op, Reply

from . import shapes
from .door import (
    Serve,
    bound,
    changed,
    check_version,
    created,
    equal,
    fields_of,
    found,
    number_in,
    one,
    op,
    page,
    put,
    select,
    whole,
)
from .errors import NotFound, Refused, unknown
from .moment import full
from .numbering import new_key
from .rows import SupplierRow
from .state import LedgerCompany
from .table import JSON, Row, norm

HIDDEN = ("receivable", "payable", "vatAccount", "inputVatAccount", "cashAccount")
PAGE = 1000


def _all(rows: Callable[[LedgerCompany], Iterable[JSON]], *, paged: bool = False) -> Serve:
    """Serve a whole register."""

    def serve(company: LedgerCompany, call: Call) -> Reply:
        listed = list(rows(company))
        limit = bound(call.query, "lastModifiedDateTime")
        if limit is not None:
            listed = [
                row
                for row in listed
                if limit.holds(full(row.get("lastModifiedDateTime", "2020-01-01")))
            ]
        if paged:
            return page(call, listed, show=dict, largest=PAGE)
        return whole(call, listed, show=dict)

    return serve


def _by(rows: Callable[[LedgerCompany], dict[str, JSON]], name: str) -> Serve:
    """Serve one record of a register by its key."""

    def serve(company: LedgerCompany, call: Call) -> Reply:
        wanted = norm(call.params[name])
        for key, row in rows(company).items():
            if norm(key) == wanted:
                return Reply(body=row)
        raise NotFound

    return serve


def _organization(company: LedgerCompany) -> JSON:
    return {name: value for name, value in company.organization.items() if name not in HIDDEN}


def organizations(company: LedgerCompany, call: Call) -> Reply:
    """List the one organization."""
    dto = _organization(company)
    if not call.query.flag("expandBranches"):
        dto.pop("branches", None)
    return Reply(body=[dto])


def organization(company: LedgerCompany, call: Call) -> Reply:
    """Show the organization."""
    if norm(call.params["organizationNumber"]) != norm(company.organization["organizationCd"]):
        raise NotFound
    dto = _organization(company)
    return Reply(body=dto, headers={"ETag": f'"{dto["timeStamp"]}"'})


BRANCH_PARTS = {
    "expandAddress": "mainAddress",
    "expandContact": "mainContact",
    "expandCurrency": "currency",
    "expandVatZone": "vatZone",
    "expandLedger": "ledger",
    "expandIndustryCode": "industryCode",
    "expandDeliveryAddress": "deliveryAddress",
    "expandDeliveryContact": "deliveryContact",
    "expandDefaultCountry": "defaultCountry",
    "expandBankSettings": "bankSettings",
}


def branches(company: LedgerCompany, call: Call) -> Reply:
    """List the branches, with the parts that were asked for."""
    hidden = {part for flag, part in BRANCH_PARTS.items() if not call.query.flag(flag)}

    def shown(row: JSON) -> JSON:
        return {name: value for name, value in row.items() if name not in hidden}

    return whole(call, list(company.branches.values()), show=shown)


def credit_terms(company: LedgerCompany, call: Call) -> Reply:
    """List the payment terms: a paged object, unlike every other list."""
    rows = [
        row for row in company.terms.values() if call.query.one("termsId") in (None, row["termsId"])
    ]
    for name in ("lastModifiedDateTime", "createdDateTime"):
        limit = bound(call.query, name)
        if limit is not None:
            rows = [row for row in rows if limit.holds(full(row[name]))]
    size = call.query.number("pageSize") or PAGE
    size = min(size, PAGE) if size > 0 else PAGE
    number = max(call.query.number("pageNumber") or 1, 1)
    return Reply(
        body={
            "pageNumber": number,
            "pageSize": size,
            "totalCount": len(rows),
            "records": rows[(number - 1) * size : number * size],
        }
    )


def currency_rates(company: LedgerCompany, call: Call) -> Reply:
    """List the currency rates."""
    query = call.query
    rows = company.rates
    for name, member in (
        ("fromCurrency", "fromCurrencyId"),
        ("toCurrency", "toCurrencyId"),
        ("rateType", "rateType"),
    ):
        wanted = query.one(name)
        if wanted is not None:
            rows = [row for row in rows if row[member] == wanted]
    since, until = query.one("fromDate"), query.one("toDate")
    if since is not None:
        rows = [row for row in rows if row["effectiveDate"][:10] >= since[:10]]
    if until is not None:
        rows = [row for row in rows if row["effectiveDate"][:10] <= until[:10]]
    return Reply(body=rows)


def create_currency_rate(company: LedgerCompany, call: Call) -> Reply:
    """Add a currency rate."""
    fields = fields_of(company, call, shapes.CURRENCY_RATE)
    for name in ("fromCurrencyId", "toCurrencyId"):
        if fields.get(name) not in company.currencies:
            raise unknown("Currency", fields.get(name))
    if not fields.get("rate"):
        raise Refused("'Currency Rate' cannot be empty.")
    row = rate_row(
        company,
        from_currency=fields["fromCurrencyId"],
        rate=fields["rate"],
        on=fields.get("effectiveDate") or company.today(),
        how=fields.get("multDiv") or "Multiply",
        to_currency=fields["toCurrencyId"],
        kind=fields.get("rateType") or "SPOT",
    )
    return created(call, "/v2/currencyrate", str(row["id"]))


def rate_row(
    company: LedgerCompany,
    *,
    from_currency: str,
    rate: Decimal,
    on: str,
    how: str = "Multiply",
    to_currency: str | None = None,
    kind: str = "SPOT",
) -> JSON:
    """Put a currency rate into the table."""
    row: JSON = {
        "id": company.next_id("currencyrate", start=1),
        "fromCurrencyId": from_currency,
        "toCurrencyId": to_currency or company.base_currency,
        "rateType": kind,
        "rate": rate,
        "effectiveDate": on,
        "multDiv": how,
        "rateReciprocal": (1 / rate).quantize(Decimal("0.00000001")),
        "timeStamp": company.next_version(),
    }
    company.rates.append(row)
    return row


def change_currency_rate(company: LedgerCompany, call: Call) -> Reply:
    """Change a currency rate."""
    wanted = number_in(call, "currencyRateId")
    row = found(next((row for row in company.rates if row["id"] == wanted), None))
    check_version(call, Row(key=str(wanted), dto=row, version=row["timeStamp"]))
    fields = fields_of(company, call, shapes.CURRENCY_RATE)
    if fields.get("rate"):
        row["rate"] = fields["rate"]
        row["rateReciprocal"] = (1 / fields["rate"]).quantize(Decimal("0.00000001"))
    if fields.get("multDiv"):
        row["multDiv"] = fields["multDiv"]
    row["timeStamp"] = company.next_version()
    return Reply(status=204, headers={"ETag": f'"{row["timeStamp"]}"'})


def create_rate_type(company: LedgerCompany, call: Call) -> Reply:
    """Add a rate type."""
    fields = fields_of(company, call, shapes.CURRENCY_RATE_TYPE)
    row = {
        "id": fields.get("id") or "",
        "description": fields.get("description") or "",
        "daysEffective": fields.get("daysEffective") or 0,
    }
    company.rate_types.append(row)
    return Reply(body=row)


def dimensions(company: LedgerCompany, call: Call) -> Reply:
    """List the ids of the segmented keys."""
    return Reply(body=list(company.dimensions))


def dimension(company: LedgerCompany, call: Call) -> Reply:
    """Show a segmented key with its segments."""
    row = found(company.dimensions.get(norm(call.params["dimensionId"])))
    if call.query.flag("expandSegmentsValues"):
        return Reply(body=row)
    segments = [
        {name: value for name, value in segment.items() if name != "segmentValues"}
        for segment in row["segments"]
    ]
    return Reply(body={**row, "segments": segments})


def _segment(company: LedgerCompany, call: Call) -> JSON:
    row = found(company.dimensions.get(norm(call.params["dimensionId"])))
    wanted = number_in(call, "segmentId")
    segment: JSON | None = next((s for s in row["segments"] if s["segmentId"] == wanted), None)
    return found(segment)


def segment(company: LedgerCompany, call: Call) -> Reply:
    """Show one segment of a key."""
    row = _segment(company, call)
    return Reply(body=row, headers={"ETag": f'"{row["timeStamp"]}"'})


def change_segment(company: LedgerCompany, call: Call) -> Reply:
    """Change the description of a segment."""
    row = _segment(company, call)
    check_version(call, Row(key="", dto=row, version=row["timeStamp"]))
    fields = fields_of(company, call, shapes.SEGMENT_UPDATE)
    if fields.get("description") is not None:
        row["description"] = fields["description"]
    row["timeStamp"] = company.next_version()
    return changed(Row(key="", dto=row, version=row["timeStamp"]))


def segment_value(company: LedgerCompany, call: Call) -> Reply:
    """Show one listed value of a segment."""
    values = _segment(company, call).get("segmentValues", [])
    for name, member in (("valueId", "valueId"), ("publicId", "publicId")):
        wanted = call.params.get(name)
        if wanted is not None:
            return Reply(
                body=found(next((v for v in values if norm(v[member]) == norm(wanted)), None))
            )
    raise NotFound


def number_series(company: LedgerCompany, call: Call) -> Reply:
    """List the number series."""
    return whole(call, list(company.series.values()), show=lambda series: series.dto())


def one_series(company: LedgerCompany, call: Call) -> Reply:
    """Show a number series."""
    return Reply(body=found(company.series.get(norm(call.params["numberingId"]))).dto())


def accounts(company: LedgerCompany, call: Call) -> Reply:
    """List the accounts."""
    test: Any = equal(call.query, "active", lambda row: row.dto["active"])
    rows = select(company.accounts, call, [test])
    return whole(call, rows, show=lambda row: row.dto)


def account(company: LedgerCompany, call: Call) -> Reply:
    """Show an account."""
    return one(found(company.accounts.get(call.params["accountCd"])))


def create_account(company: LedgerCompany, call: Call) -> Reply:
    """Add an account."""
    fields = fields_of(company, call, shapes.ACCOUNT)
    key = new_key(
        fields.get("accountCD") or "",
        length=10,
        what="Account",
        taken=lambda key: key in company.accounts,
    )
    row = account_row(
        company,
        number=key,
        description=fields.get("description") or key,
        kind=fields.get("type") or "Expense",
    )
    return created(call, "/v1/account", row.key, row)


def account_row(company: LedgerCompany, *, number: str, description: str, kind: str) -> Row:
    """Put an account into the plan."""
    dto: JSON = {
        "accountID": company.next_id("account", start=1001),
        "accountCD": number,
        "type": kind,
        "active": True,
        "description": description,
        "useDefaultSub": False,
        "cashAccount": False,
        "allowManualEntry": True,
        "timeStamp": "",
    }
    row = Row(key=number, dto=dto, internal_id=dto["accountID"])
    company.fresh(row)
    return company.accounts.add(row)


def change_account(company: LedgerCompany, call: Call) -> Reply:
    """Change an account."""
    row = found(company.accounts.get(call.params["accountCd"]))
    check_version(call, row)
    fields = fields_of(company, call, shapes.ACCOUNT)
    for name in ("description", "active", "type"):
        if fields.get(name) is not None:
            row.dto[name] = fields[name]
    company.touch(company.accounts, row)
    return changed(row)


def suppliers(company: LedgerCompany, call: Call) -> Reply:
    """List the suppliers."""
    query = call.query
    tests: list[Callable[[SupplierRow], bool] | None] = [
        equal(query, name, lambda row, name=name: row.dto.get(name))  # type: ignore[misc]
        for name in ("name", "status", "vatRegistrationId", "corporateId")
    ]
    rows = select(company.suppliers, call, tests)
    return page(call, rows, show=lambda row: dict(row.dto), largest=PAGE)


def supplier(company: LedgerCompany, call: Call) -> Reply:
    """Show a supplier."""
    return one(found(company.suppliers.get(call.params["supplierCd"])))


def periods(company: LedgerCompany, call: Call) -> Reply:
    """List the financial periods."""
    return whole(call, list(company.periods.values()), show=dict)


def first_time_startup(company: LedgerCompany, call: Call) -> Reply:
    """Tell that the company is set up."""
    return Reply(body={"financials": True})


def feedback(company: LedgerCompany, call: Call) -> Reply:
    """Take what a receiver says about a webhook."""
    call.world.financials.feedback.append(fields_of(company, call, shapes.FEEDBACK))
    return Reply(status=201)


OPS: tuple[Op, ...] = (
    op("GET", "/v1/organization", organizations),
    op("GET", "/v1/organization/{organizationNumber}", organization),
    op("GET", "/v1/branch", branches),
    op("GET", "/v1/branch/{branchNumber}", _by(lambda c: c.branches, "branchNumber")),
    op("GET", "/v1/firstTimeStartup/status", first_time_startup),
    op("GET", "/v1/currency", _all(lambda c: c.currencies.values())),
    op("GET", "/v1/currency/{curyId}", _by(lambda c: c.currencies, "curyId")),
    op("GET", "/v2/currencyrate", currency_rates),
    op("POST", "/v2/currencyrate", create_currency_rate),
    op("PUT", "/v2/currencyrate/{currencyRateId}", change_currency_rate),
    op("GET", "/v2/currencyratetype", _all(lambda c: c.rate_types)),
    op("POST", "/v2/currencyratetype", create_rate_type),
    op("GET", "/v1/vat", _all(lambda c: c.vats.values())),
    op("GET", "/v1/vat/{vatId}", _by(lambda c: c.vats, "vatId")),
    op("GET", "/v1/vatCategory", _all(lambda c: c.vat_categories.values())),
    op(
        "GET",
        "/v1/vatCategory/{taxCategoryId}",
        _by(lambda c: c.vat_categories, "taxCategoryId"),
    ),
    op("GET", "/v1/vatZone", _all(lambda c: c.vat_zones.values(), paged=True)),
    op("GET", "/v1/vatZone/{vatZoneId}", _by(lambda c: c.vat_zones, "vatZoneId")),
    op("GET", "/v1/creditTerm", credit_terms),
    op("GET", "/v1/dimension", dimensions),
    op("GET", "/v1/dimension/{dimensionId}", dimension),
    op("GET", "/v1/dimension/{dimensionId}/{segmentId}", segment),
    op("PUT", "/v1/dimension/{dimensionId}/{segmentId}", change_segment),
    op("GET", "/v1/dimension/{dimensionId}/{segmentId}/publicid/{publicId}", segment_value),
    op("GET", "/v1/dimension/{dimensionId}/{segmentId}/{valueId}", segment_value),
    op("GET", "/v1/numberSequence", number_series),
    op("GET", "/v1/numberSequence/{numberingId}", one_series),
    op("GET", "/v1/country", _all(lambda c: c.countries.values(), paged=True)),
    op("GET", "/v1/country/{countryId}", _by(lambda c: c.countries, "countryId")),
    op("GET", "/v1/paymentmethod", _all(lambda c: c.payment_methods.values())),
    op(
        "GET",
        "/v1/paymentmethod/{paymentMethodNumber}",
        _by(lambda c: c.payment_methods, "paymentMethodNumber"),
    ),
    op("GET", "/v1/financialPeriod", periods),
    op(
        "GET",
        "/v1/financialPeriod/{financialPeriodId}",
        _by(lambda c: c.periods, "financialPeriodId"),
    ),
    op("GET", "/v1/account", accounts),
    op("POST", "/v1/account", create_account),
    op("GET", "/v1/account/{accountCd}", account),
    op("PUT", "/v1/account/{accountCd}", change_account),
    op("GET", "/v1/supplier", suppliers),
    op("GET", "/v1/supplier/{supplierCd}", supplier),
    op("POST", "/v1/webhooknotificationfeedback", feedback),
)

__all__ = ["OPS", "account_row", "put", "rate_row"]
