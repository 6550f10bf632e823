"""Routes of the reference data: company, currencies, VAT, terms, numbering, accounts, periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from sandbox.http import Call, Op, Reply

from . import shapes
from .door import (
    Serve,
    bound,
    check_version,
    created,
    fields_of,
    found,
    number_in,
    op,
    page,
    whole,
)
from .errors import NotFound, Refused, unknown
from .moment import full
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
    op("POST", "/v1/webhooknotificationfeedback", feedback),
)
