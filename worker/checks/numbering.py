"""Lengths of keys, series that are about to overflow, and the series of invoice numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from worker.checks.verdict import Verdict, failed, listed, passed, warned

# The largest number that Severa can keep on an invoice (int32), and one more.
LIMIT = 2**31
# So many numbers before the end of a series are worth a warning.
SOON = 100


def key_length(
    *, code: str, what: str, length: int, values: Sequence[str], exact: bool = False
) -> list[Verdict]:
    """Compare what Severa has with the length of a segmented key (R15, R16, R58).

    With `exact` a longer key is worth a warning too: the lengths should be equal.
    """
    longest = max((len(value) for value in values), default=0)
    too_long = sorted({value for value in values if len(value) > length})
    if too_long:
        text = (
            f"{what} in Severa have up to {longest} characters, the key in Financials has "
            f"{length}: {listed(too_long)}."
        )
        return [failed(code, text, length=length, longest=longest)]
    if exact and longest and longest < length:
        text = (
            f"{what} in Severa have {longest} characters, the key in Financials has {length}; "
            "the lengths should be equal."
        )
        return [warned(code, text, length=length, longest=longest)]
    return [passed(code, f"{what}: {longest} of {length} characters.", length=length)]


def numbering_ahead(
    *,
    settings: Mapping[str, Any],
    lengths: Mapping[str, int],
    series: Sequence[Mapping[str, Any]],
) -> list[Verdict]:
    """Look ahead for the number that no longer fits: 10000 after 9999 (R15, R58)."""
    code = "numbering_ahead"
    found = []
    coming = settings.get("nextProjectNumber")
    if coming is not None:
        found += _ahead(code, "project", int(coming), 10 ** lengths["PROJECT"] - 1)
    for row in series:
        for part in row.get("sequence") or ():
            coming, end = part.get("nextNumber"), part.get("endNbr")
            if _is_number(coming) and _is_number(end):
                found += _ahead(code, f"series {row['numberingId']}", int(coming), int(end))
    return found or [passed(code)]


def _ahead(code: str, what: str, coming: int, last: int) -> list[Verdict]:
    left = last - coming + 1
    if left <= 0:
        return [failed(code, f"{what}: {coming} comes after {last}, the last.", subject=what)]
    if left <= SOON:
        text = f"{what}: {left} numbers are left before {last + 1}."
        return [warned(code, text, subject=what)]
    return []


def _is_number(text: Any) -> bool:
    return isinstance(text, str) and text.isdigit()


def invoice_series(
    *,
    series: Sequence[Mapping[str, Any]],
    documents: Sequence[str],
    chosen: Sequence[str],
    severa: Sequence[int],
) -> list[Verdict]:
    """Judge the series of invoices and credit notes (R6, R61, Q51).

    Which series documents use is not exposed: a person's choice, else the series that gave the
    numbers of `documents`, else those that are named after the customer ledger. A number in
    Severa that such a series gave is not in its way.
    """
    code = "invoice_series"
    used = _used(series, documents, chosen)
    if not used:
        text = "It cannot be told which number series customer invoices use; choose it."
        return [failed(code, text)]
    foreign = [number for number in severa if not any(_gave(row, str(number)) for row in used)]
    highest = max(foreign, default=0)
    found = [verdict for row in used for verdict in _fit(code, row, highest)]
    names = ", ".join(str(row["numberingId"]) for row in used)
    return found or [passed(code, f"Series {names}, above {highest}.", highest=highest)]


def _used(
    series: Sequence[Mapping[str, Any]], documents: Sequence[str], chosen: Sequence[str]
) -> list[Mapping[str, Any]]:
    if chosen:
        return [row for row in series if row["numberingId"] in chosen]
    gave = [row for row in series if any(_gave(row, number) for number in documents)]
    if gave:
        return gave
    return [row for row in series if _of_customer_ledger(row)]


def _gave(row: Mapping[str, Any], number: str) -> bool:
    if not number.isdigit():
        return False
    return any(
        int(part["startNbr"]) <= int(number) <= int(part["lastNbr"])
        and len(number) == len(str(part["startNbr"]))
        for part in row.get("sequence") or ()
        if _is_number(part.get("startNbr")) and _is_number(part.get("lastNbr"))
    )


def _of_customer_ledger(row: Mapping[str, Any]) -> bool:
    name = f"{row['numberingId']} {row.get('description') or ''}".casefold()
    customer = name.startswith("ar") or "customer" in name
    return customer and any(word in name for word in ("invoice", "credit"))


def _fit(code: str, row: Mapping[str, Any], highest: int) -> list[Verdict]:
    """Judge one series: digits only, below 2^31, and above every number in Severa."""
    name = str(row["numberingId"])
    for part in row.get("sequence") or ():
        texts = [str(part.get(key) or "") for key in ("startNbr", "endNbr", "nextNumber")]
        letters = [text for text in texts if text and not text.isdigit()]
        if letters:
            text = f"Series {name} gives {letters[0]}; Severa keeps digits only."
            return [failed(code, text, subject=name)]
        coming = int(texts[2] or texts[0] or 0)
        if coming >= LIMIT:
            text = f"Series {name} comes to {coming}; Severa keeps numbers below {LIMIT}."
            return [failed(code, text, subject=name)]
        if coming <= highest:
            text = f"Series {name} comes to {coming}; Severa has invoice {highest} already."
            return [failed(code, text, subject=name)]
    return []


def numbers_kept(
    *, linked: Mapping[tuple[str, str], str], seen: Mapping[tuple[str, str], str]
) -> list[Verdict]:
    """Compare linked numbers with what Financials shows now under the same key (R18, R19)."""
    code = "numbers_kept"
    found = [
        failed(
            code,
            f"{entity.capitalize()} {number} is called {seen[entity, key]} in Financials now.",
            subject=f"{entity.lower()} {number}",
        )
        for (entity, key), number in sorted(linked.items())
        if (entity, key) in seen and seen[entity, key] != number
    ]
    return found or [passed(code, f"{len(linked)} linked numbers.")]
