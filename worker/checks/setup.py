"""The set-up checks as one table: which facts each needs, and what concludes from them (R117).

Facts that could not be read leave their checks unknown; the others are judged all the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schema.words import SetupCheckState
from worker.checks import access, autoinvoice, identity, ledger, numbering, registers, vat_setup
from worker.checks.statuses import Lint, lint
from worker.checks.verdict import Facts, Verdict, failed, passed, unknown

Work = Callable[[Facts], list[Verdict]]
_STATUS_CODES = (
    "invoice_statuses",
    "failed_status",
    "number_setting",
    "default_after_credit",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """One row: the checks that it concludes, the facts it needs, and how."""

    codes: tuple[str, ...]
    needs: tuple[str, ...]
    work: Work


def _row(codes: str, needs: str, work: Work) -> Judge:
    return Judge(codes=tuple(codes.split()), needs=tuple(needs.split()), work=work)


def judge_all(facts: Facts, *, unread: Mapping[str, str]) -> list[Verdict]:
    """Conclude every check; `unread` says why a fact could not be read."""
    found: list[Verdict] = []
    for judge in JUDGES:
        missing = [unread[name] for name in judge.needs if name in unread]
        if missing:
            text = f"It could not be looked at: {missing[0]}"
            found += [unknown(code, text) for code in judge.codes]
        else:
            found += judge.work(facts)
    return found


def _registers(facts: Facts) -> dict[str, Any]:
    return {name: facts[name] for name in registers.REGISTERS}


def _codes(facts: Facts) -> list[str]:
    rows = [row for name in registers.REGISTERS for row in facts[name]]
    return [text for row in rows if (text := str(row.get("code") or "").strip())]


def _lengths(facts: Facts) -> dict[str, int]:
    return {name: int(body["length"]) for name, body in facts["dimensions"].items()}


def _customer_length(facts: Facts) -> list[Verdict]:
    numbers = [
        str(row["number"]) for row in facts["severa_customers"] if row.get("number") is not None
    ]
    return numbering.key_length(
        code="customer_key_length",
        what="Customer numbers",
        length=_lengths(facts)["CUSTOMER"],
        values=numbers,
    )


def _project_length(facts: Facts) -> list[Verdict]:
    return numbering.key_length(
        code="project_key_length",
        what="Project numbers",
        length=_lengths(facts)["PROJECT"],
        values=[
            str(row["number"])
            for row in facts["severa_projects"]
            if row.get("number") and not row.get("isInternal")
        ],
        exact=True,
    )


def _item_length(facts: Facts) -> list[Verdict]:
    return numbering.key_length(
        code="item_key_length",
        what="Item codes",
        length=_lengths(facts)["INVENTORY"],
        values=_codes(facts),
    )


def _ahead(facts: Facts) -> list[Verdict]:
    return numbering.numbering_ahead(
        settings=facts["settings"], lengths=_lengths(facts), series=facts["series"]
    )


def _series(facts: Facts) -> list[Verdict]:
    chosen = (facts["options"].get("invoice_series") or {}).values()
    severa = [int(row["number"]) for row in facts["severa_invoices"] if row.get("number")]
    return numbering.invoice_series(
        series=facts["series"],
        documents=[str(row["referenceNumber"]) for row in facts["documents"]],
        chosen=tuple(str(name) for name in chosen),
        severa=[*severa, int(facts["settings"].get("lastInvoiceNumber") or 0)],
    )


def _lint(facts: Facts) -> Lint:
    return lint(facts["statuses"], roles=facts["roles"] or None)


def _statuses(facts: Facts) -> list[Verdict]:
    """One verdict per rule, with every reason of the linter (R80 to R87, Q19)."""
    found = _lint(facts).findings
    made = []
    for code in _STATUS_CODES:
        reasons = [finding.text for finding in found if finding.check == code]
        rules = sorted({finding.rule for finding in found if finding.check == code})
        made.append(
            failed(code, " ".join(reasons), reasons=reasons, rules=rules)
            if reasons
            else passed(code)
        )
    return made


def _autoinvoice(facts: Facts) -> list[Verdict]:
    read = _lint(facts)
    return autoinvoice.autoinvoice(
        answers={
            code: answer for code, answer in facts["answers"].items() if code in autoinvoice.CODES
        },
        roles=read.roles,
        names={status.id: status.name for status in facts["statuses"]},
    )


def _same_license(facts: Facts) -> list[Verdict]:
    """No API shows the licences of Visma.net Admin (R25)."""
    if "same_license" in facts["answers"]:
        return [passed("same_license", "An administrator confirmed it.")]
    text = "Nobody has confirmed yet that both companies are under one licence."
    return [Verdict(code="same_license", state=SetupCheckState.OPEN, cause=text)]


def _credit_numbering(facts: Facts) -> list[Verdict]:
    """Severa must leave the numbers of credit notes to Financials (R86)."""
    code = "credit_note_numbering"
    if facts["settings"].get("setCreditNoteInvoiceNumber"):
        return [failed(code, "'Generate invoice number for credit note' is on in Severa.")]
    return [passed(code)]


def _periods(facts: Facts) -> list[Verdict]:
    return ledger.periods_open(
        periods=facts["periods"], today=facts["today"], since=facts["start_from"]
    )


def _template(facts: Facts) -> list[Verdict]:
    constants = facts["options"].get("project_constants") or {}
    return ledger.project_template(
        templates=facts["templates"],
        template=str(constants.get("template") or ledger.TEMPLATE),
        task=str(constants.get("task") or ledger.TASK),
    )


def _vat(facts: Facts) -> list[Verdict]:
    return vat_setup.vat_setup(
        rules=facts["vat_rules"],
        items=facts["items"],
        customers=facts["customers"],
        home_zones=vat_setup.zones_at_home(facts["organizations"], facts["customers"]),
        day=facts["today"],
    )


def _terms(facts: Facts) -> list[Verdict]:
    chosen = facts["options"].get("terms") or {}
    return registers.payment_terms(
        customers=[row for row in facts["severa_customers"] if row.get("isActive")],
        days=facts["term_days"],
        chosen={int(days): str(terms) for days, terms in chosen.items()},
    )


def _rounding(facts: Facts) -> list[Verdict]:
    return ledger.rounding(
        settings=facts["settings"],
        documents=facts["documents"],
    )


# fmt: off
JUDGES = (
    _row("organization_number", "details organizations", lambda f: identity.organization_number(details=f["details"], organizations=f["organizations"])),
    _row("same_license", "", _same_license),
    _row("vendor_integration", "vendor_company", lambda f: access.vendor_integration(company=f["vendor_company"])),
    _row("customer_key_length", "dimensions severa_customers", _customer_length),
    _row("project_key_length", "dimensions severa_projects", _project_length),
    _row("item_key_length", "dimensions products worktypes travelexpensetypes", _item_length),
    _row("numbering_ahead", "settings dimensions series", _ahead),
    _row("invoice_series", "settings series documents severa_invoices", _series),
    _row("numbers_kept", "customers items financials_projects", lambda f: numbering.numbers_kept(linked=f["linked"], seen=f["seen"])),
    _row("item_codes", "products worktypes travelexpensetypes", lambda f: registers.item_codes(registers=_registers(f))),
    _row("item_code_twice", "products worktypes travelexpensetypes", lambda f: registers.item_code_twice(registers=_registers(f))),
    _row("unique_identifier", "settings", lambda f: registers.unique_identifier(settings=f["settings"])),
    _row("customer_name_twice", "customers", lambda f: registers.customer_name_twice(customers=f["customers"])),
    _row("customer_vat", "severa_customers", lambda f: registers.customer_vat(customers=f["severa_customers"])),
    _row("item_vat", "products travelexpensetypes worktypes", lambda f: registers.item_vat(registers=_registers(f))),
    _row(" ".join(_STATUS_CODES), "statuses", _statuses),
    _row("credit_note_numbering", "settings", _credit_numbering),
    _row(" ".join(autoinvoice.CODES), "statuses", _autoinvoice),
    _row("periods_open", "periods", _periods),
    _row("vat_setup", "vat_rules items customers organizations", _vat),
    _row("project_template", "templates", _template),
    _row("non_project_code", "non_project", lambda f: ledger.non_project_code(projects=f["non_project"])),
    _row("home_currencies", "details organizations branches", lambda f: ledger.home_currencies(details=f["details"], organizations=f["organizations"], branches=f["branches"])),
    _row("branch_mapping", "business_units branches branch_list", lambda f: ledger.branch_mapping(units=f["business_units"], branches=f["branches"], mapped=f["mapped_branches"])),
    _row("payment_terms", "severa_customers term_days", _terms),
    _row("units", "products worktypes travelexpensetypes known_units", lambda f: registers.units(registers=_registers(f), known=f["known_units"])),
    _row("rounding", "settings documents", _rounding),
)
# fmt: on
