"""Every vendor fact that nothing public states, as a switch with the default that we believe."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal


@dataclass(slots=True, kw_only=True)
class Assume:
    """The assumed facts of one sandbox; change one with `POST /control/assume`."""

    # Both sides.
    rate_is_home_per_unit: bool = True
    # Severa.
    amounts_in_invoice_currency: bool = True
    row_rounding: bool = True
    nulls_shown: bool = True
    client_id_header_required: bool = True
    severa_token_seconds: int = 1800
    severa_refresh_seconds: int = 86400
    projects_include_sales_cases: bool = True
    children_touch_customer: bool = False
    vendor_integration_on: bool = False
    custom_properties_on: bool = False
    # Financials.
    payment_reference_at: Literal["creation", "release"] = "creation"
    payment_touches_invoice: bool = True
    totals_on_entry: bool = False
    strict_concurrency: bool = True
    financials_token_seconds: int = 3600
    document_rounding: bool = False
    hold_on_entry: bool = True
    vat_rounding: Literal["vat_id", "line", "document"] = "vat_id"
    line_without_vat_id: Literal["no_vat", "error"] = "no_vat"
    own_contacts_listed: bool = True
    attach_after_release: bool = True
    # Seconds of real time, already scaled.
    latency: float = 0.001
    release_delay: float = 2.0
    execution_limit: float = 240.0

    def change(self, values: dict[str, Any]) -> None:
        """Set the named switches.

        Raises `KeyError` for a name that is no switch.
        """
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise KeyError(name)
            setattr(self, name, value)
