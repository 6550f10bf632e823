"""Whether both companies are the same organization (R24, Q34)."""

from collections.abc import Mapping, Sequence
from typing import Any

from worker.checks.verdict import Verdict, failed, passed

CODE = "organization_number"
_LENGTHS = {"FI": 8, "SE": 10, "NO": 9}


def normal_form(text: str | None, *, country: str | None) -> str:
    """Bring an organization or VAT number into the digits that are compared; empty for none.

    Finland has 8 digits, Sweden the first 10, Norway 9 (Q34); other countries all of them.
    """
    raw = "".join(char for char in (text or "").upper() if char.isalnum())
    digits = "".join(char for char in raw if char.isdigit())
    land = raw[:2] if raw[:2].isalpha() else (country or "").upper()
    if not digits:
        return ""
    if land == "FI":
        return digits.zfill(_LENGTHS["FI"])
    return digits[: _LENGTHS.get(land, len(digits))]


def organization_number(
    *, details: Mapping[str, Any], organizations: Sequence[Mapping[str, Any]]
) -> list[Verdict]:
    """Compare the numbers of both organizations; a refusal shows both raw values (R24, Q34)."""
    country = (details.get("country") or {}).get("code")
    ours = _severa(details, country)
    raw = [str(body.get("corporateId") or "") for body in organizations]
    theirs = {number for text in raw if (number := normal_form(text, country=country))}
    seen = (
        f"VAT number {_said(details.get('vatNumber'))} and KvK number "
        f"{_said(details.get('kvkNumber'))} in Severa, corporate id "
        f"{_said(' / '.join(text for text in raw if text))} in Financials"
    )
    if not ours and not theirs:
        return [failed(CODE, f"Neither side has an organization number: {seen}.")]
    if not ours:
        return [failed(CODE, f"Severa has no organization number: {seen}.")]
    if not theirs:
        return [failed(CODE, f"Financials has no organization number: {seen}.")]
    if ours not in theirs:
        return [failed(CODE, f"The organization numbers differ: {seen}.")]
    return [passed(CODE, f"Organization number {ours}.", number=ours)]


def _severa(details: Mapping[str, Any], country: str | None) -> str:
    """Return Severa's number: of the Dutch from the KvK number, else from the VAT number."""
    kvk = normal_form(details.get("kvkNumber"), country=country)
    vat = normal_form(details.get("vatNumber"), country=country)
    return (kvk or vat) if country == "NL" else (vat or kvk)


def _said(text: Any) -> str:
    return f"'{text}'" if text else "(empty)"
