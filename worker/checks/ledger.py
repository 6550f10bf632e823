"""Whether the ledger of Financials is ready: periods, template, currencies, branches, rounding."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from worker.checks.verdict import Verdict, failed, listed, passed, warned

Row = Mapping[str, Any]
TEMPLATE = "Z"
TASK = "10"
# A task of a template is planned by nature; it is activated with its project (Q55).
_USABLE = ("Planned", "Active")
# The ledgers that postings of a project come through: customer, supplier, general.
LEDGERS = {"visibleInAr": "customer", "visibleInAp": "supplier", "visibleInGl": "general"}


def periods_open(*, periods: Sequence[Row], today: date, since: date | None) -> list[Verdict]:
    """Look whether the period of today, and those since the start, take invoices (R150, Q58)."""
    code = "periods_open"
    now = _period(periods, today)
    if now is None:
        return [failed(code, f"There is no financial period for {today}.")]
    if _closed(now):
        return [failed(code, f"Financial period {now['period']} is closed.")]
    start = since or today
    closed = [
        str(row["period"])
        for row in periods
        if start <= _day(row["endDate"]) and _day(row["startDate"]) <= today and _closed(row)
    ]
    if closed:
        text = f"Periods since {start} are closed: {listed(sorted(closed))}."
        return [warned(code, text)]
    return [passed(code, f"Financial period {now['period']} is open.")]


def _period(periods: Sequence[Row], day: date) -> Row | None:
    for row in periods:
        if _day(row["startDate"]) <= day <= _day(row["endDate"]):
            return row
    return None


def _day(text: Any) -> date:
    return date.fromisoformat(str(text)[:10])


def _closed(row: Row) -> bool:
    return not row.get("active") or bool(row.get("closedInCustomerLedger"))


def project_template(*, templates: Sequence[Row], template: str, task: str) -> list[Verdict]:
    """Look at the project template and at the task that every row is booked on (R190, R221)."""
    code = "project_template"
    found = next((row for row in templates if _is(row.get("projectID"), template)), None)
    if found is None:
        return [failed(code, f"There is no project template {template}.")]
    if found.get("status") not in (None, "Active"):
        return [failed(code, f"Template {template} is {found['status']}, not Active.")]
    row = next((row for row in found.get("tasks") or () if _is(row.get("taskId"), task)), None)
    if row is None:
        return [failed(code, f"Template {template} has no task {task}.")]
    if row.get("status") not in (None, *_USABLE):
        return [failed(code, f"Task {task} of template {template} is {row['status']}.")]
    visible = row.get("visibility") or {}
    hidden = [name for flag, name in LEDGERS.items() if visible.get(flag) is False]
    if hidden:
        text = f"Task {task} of template {template} is not visible in the {hidden[0]} ledger."
        return [failed(code, text)]
    return [passed(code, f"Template {template} with task {task}.")]


def _is(value: Any, wanted: str) -> bool:
    return str(value or "").strip().casefold() == wanted.casefold()


def non_project_code(*, projects: Sequence[Row]) -> list[Verdict]:
    """Look for the reserved code that means no project (Q41)."""
    code = "non_project_code"
    names = [str(row["projectID"]).strip() for row in projects if row.get("projectID")]
    if not names:
        return [failed(code, "Financials shows no code for 'no project'.")]
    return [passed(code, f"The code is {names[0]}.", project=names[0])]


def home_currencies(
    *, details: Row, organizations: Sequence[Row], branches: Sequence[Row]
) -> list[Verdict]:
    """Compare the home currencies of both companies and of every branch (Q38)."""
    code = "home_currencies"
    home = str((details.get("currency") or {}).get("code") or "")
    theirs = {
        f"company {body.get('name')}": _currency(body) for body in organizations if _currency(body)
    }
    theirs |= {
        f"branch {str(body['number']).strip()}": _currency(body)
        for body in branches
        if body.get("isActive", True) and _currency(body)
    }
    if not home or not theirs:
        return [failed(code, "One side shows no home currency.")]
    other = [f"{name} has {currency}" for name, currency in theirs.items() if currency != home]
    if other:
        return [failed(code, f"Severa's home currency is {home}; {listed(other)}.")]
    return [passed(code, f"Home currency {home}.", currency=home)]


def _currency(body: Row) -> str:
    return str(body.get("baseCurrency") or (body.get("currency") or {}).get("id") or "")


def branch_mapping(
    *, units: Sequence[Row], branches: Sequence[Row], mapped: Mapping[str, str]
) -> list[Verdict]:
    """Say whether invoices carry a branch, and which company has none (R27 to R30, Q5, Q48)."""
    code = "branch_mapping"
    companies = [row for row in units if row.get("vatNumber") and row.get("isActive", True)]
    active = [row for row in branches if row.get("isActive", True)]
    if len(companies) < 2 and len(active) < 2:
        return [passed(code, "One company, one branch: invoices are sent without a branch.")]
    if len(companies) < 2:
        text = "Severa has one company with a VAT number, Financials several branches"
        return [warned(code, f"{text}: invoices are sent without a branch.")]
    if len(active) < 2:
        text = "Severa has several companies with a VAT number, Financials one branch"
        return [warned(code, f"{text}: invoices are sent without a branch.")]
    lost = [str(row["name"]) for row in companies if row["guid"] not in mapped]
    if lost:
        return [warned(code, f"These business units have no branch: {listed(sorted(lost))}.")]
    pairs = [f"{row['name']} > {mapped[row['guid']]}" for row in companies]
    return [passed(code, f"Branches: {listed(pairs)}.")]


def rounding(*, settings: Row, documents: Sequence[Row]) -> list[Verdict]:
    """Warn when only one side rounds whole documents: payments would leave a residue (Q2)."""
    code = "rounding"
    ours = settings.get("currencyRoundingType") == "NearestInteger"
    theirs = any(row.get("roundingDiff") for row in documents)
    if ours and documents and not theirs:
        return [warned(code, "Severa rounds totals to whole numbers, Financials does not.")]
    if theirs and not ours:
        return [warned(code, "Financials rounds totals of documents, Severa does not.")]
    return [passed(code)]
