"""Addresses: one free text in Severa, three lines in Financials (R165 to R175, Q8, Q10).

An address travels as one value: `{lines, postal_code, city, state, country}`.
"""

from collections.abc import Mapping
from typing import Any

from schema.words import Side
from worker.mapping.convert import CannotMap, Convert, tidy_text
from worker.mapping.reference import References


def split_lines(text: str | None) -> list[str]:
    """Split Severa's text into at most three lines; the rest joins the third (Q10)."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    if len(lines) > 3:
        lines = [*lines[:2], ", ".join(lines[2:])]
    return lines


def tidy_address(raw: Any) -> dict[str, Any] | None:
    """Bring an address of either side into one shape, or None for an empty one."""
    if not isinstance(raw, Mapping):
        return None
    shaped = _of_severa(raw) if _is_severa(raw) else _of_financials(raw)
    return shaped if any(shaped.values()) else None


def _is_severa(raw: Mapping[str, Any]) -> bool:
    return "addressline" in raw or "guid" in raw


def _of_severa(raw: Mapping[str, Any]) -> dict[str, Any]:
    country = raw.get("country")
    region = raw.get("countryRegion")
    return {
        "lines": tidy_text(raw.get("addressline")),
        "postal_code": tidy_text(raw.get("postalCode")),
        "city": tidy_text(raw.get("city")),
        "state": tidy_text(region.get("name") if isinstance(region, Mapping) else None),
        "country": country.get("guid") if isinstance(country, Mapping) else country,
    }


def _of_financials(raw: Mapping[str, Any]) -> dict[str, Any]:
    lines = [tidy_text(raw.get(f"addressLine{n}")) for n in (1, 2, 3)]
    country, county = raw.get("country"), raw.get("county")
    return {
        "lines": "\n".join(line for line in lines if line) or None,
        "postal_code": tidy_text(raw.get("postalCode")),
        "city": tidy_text(raw.get("city")),
        "state": tidy_text(county.get("name") if isinstance(county, Mapping) else None),
        "country": tidy_text(country.get("id") if isinstance(country, Mapping) else None),
    }


def _read(side: Side, raw: Any, references: References) -> Any:
    if raw is None:
        return None
    country = raw["country"]
    if side is Side.SEVERA and country is not None:
        country = references.country_codes.get(country, country)
    lines = raw["lines"]
    if side is Side.SEVERA:
        lines = "\n".join(split_lines(lines)) or None
    return {**raw, "lines": lines, "country": country}


def _write(side: Side, value: Any, references: References, now: Any) -> Any:
    if value is None:
        return None
    if side is Side.FINANCIALS:
        return value
    country = value["country"]
    if country is not None:
        guid = references.country_guids.get(country)
        if guid is None:
            raise CannotMap("country_unknown", f"Severa knows no country {country}.")
        country = guid
    return {**value, "country": country}


ADDRESS = Convert(tidy=tidy_address, read=_read, write=_write)


def severa_address(
    value: Mapping[str, Any], *, regions: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    """Write an address for Severa; the country is a guid already, the region is found by name.

    `regions` has the guid of a region by its country's guid and its name, case folded (R172, Q8).
    """
    state = (value["state"] or "").casefold()
    region = regions.get((str(value["country"]), state))
    written: dict[str, Any] = {
        "addressline": value["lines"],
        "postalCode": value["postal_code"],
        "city": value["city"],
    }
    if value["country"]:
        written["country"] = {"guid": value["country"]}
    if region is not None or not state:
        written["countryRegion"] = None if region is None else {"guid": region}
    return written


def financials_address(value: Mapping[str, Any]) -> dict[str, Any]:
    """Write an address for Financials in its three lines."""
    lines = [*split_lines(value["lines"]), "", "", ""][:3]
    written = {f"addressLine{n}": line for n, line in enumerate(lines, start=1)}
    # An empty text clears; the contract allows no null inside a value.
    written |= {
        "postalCode": value["postal_code"] or "",
        "city": value["city"] or "",
        "county": value["state"] or "",
    }
    if value["country"]:
        written["countryId"] = value["country"]
    return written


__all__ = ["ADDRESS", "financials_address", "severa_address", "split_lines", "tidy_address"]
