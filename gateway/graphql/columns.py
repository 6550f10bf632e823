"""Which fields of the types are plain columns, for the fast way of reading lists.

Every expression gives exactly what the type's own resolver would show; a test compares the two
ways field by field. `{t}` stands for the alias of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """An object made of columns of the same row; null when a column is, if one is named."""

    type: str
    null_when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """A relation to one row of another table."""

    type: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of the API as a table with columns."""

    table: str
    columns: Mapping[str, str]
    inner: Mapping[str, Inner] = field(default_factory=dict)
    to: Mapping[str, To] = field(default_factory=dict)


def _gid(name: str) -> str:
    """Return the SQL of a global id (H12)."""
    text = f"convert_to('{name}:' || {{t}}.id::text, 'UTF8')"
    return f"rtrim(encode({text}, 'base64'), '=')"


def _money(column: str, places: int = 4) -> str:
    """Return the SQL of an amount: no exponent, two decimals at least, no needless zeros."""
    return f"to_char({{t}}.{column}, 'FM99999999999999999990.00{'9' * places}')"


def _same(*names: str) -> dict[str, str]:
    """Return fields that stand in a column of the same name, in snake case."""
    return {name: f"{{t}}.{_snake(name)}" for name in names}


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)


def _moneys(*names: str) -> dict[str, str]:
    return {name: _money(_snake(name)) for name in names}


_RECORD = _same("createdAt", "updatedAt")
_SYNC = {"sync": Inner(type="RecordSync")}
_INTEGRATION = {"integration": To(type="Integration", key="integration_id")}

KINDS: dict[str, Kind] = {
    "RecordSync": Kind(
        table="",
        columns={
            "state": "{t}.sync_state",
            "reason": "{t}.waiting_reason",
            "lastSyncedAt": "{t}.last_synced_at",
        },
    ),
    "InvoiceStatus": Kind(
        table="",
        columns={
            "id": "{t}.severa_status_id",
            "name": "{t}.severa_status_name",
            "role": "{t}.severa_role",
        },
    ),
    "Integration": Kind(
        table="integration",
        columns={
            "id": _gid("Integration"),
            "nextRunAt": "{t}.next_tick_at",
            **_same(
                "name",
                "state",
                "pausedReason",
                "severaOrganizationId",
                "financialsTenantId",
                "organizationNumber",
                "baseCurrency",
                "startFrom",
                "activatedAt",
                "webhooksHeld",
            ),
        },
    ),
    "Customer": Kind(
        table="customer",
        columns={
            "id": _gid("Customer"),
            **_RECORD,
            **_same(
                "number",
                "name",
                "vatNumber",
                "currency",
                "paymentTermDays",
                "email",
                "website",
                "notes",
                "isActive",
            ),
        },
        inner=_SYNC,
        to=_INTEGRATION,
    ),
    "Product": Kind(
        table="product",
        columns={
            "id": _gid("Product"),
            **_RECORD,
            **_same("code", "name", "kind", "unit", "isActive"),
            **_moneys("unitPrice"),
        },
        inner=_SYNC,
        to=_INTEGRATION,
    ),
    "Project": Kind(
        table="project",
        columns={
            "id": _gid("Project"),
            **_RECORD,
            **_same("number", "name", "startDate", "status", "isSalesCase"),
        },
        inner=_SYNC,
        to={**_INTEGRATION, "customer": To(type="Customer", key="customer_id")},
    ),
    "Invoice": Kind(
        table="invoice",
        columns={
            "id": _gid("Invoice"),
            **_RECORD,
            **_same(
                "kind",
                "number",
                "referenceNumber",
                "state",
                "severaId",
                "financialsStatus",
                "mark",
                "date",
                "dueDate",
                "paymentDate",
                "currency",
                "orderNumber",
                "ourReference",
                "yourReference",
            ),
            "exchangeRate": _money("exchange_rate", 8),
            "financialsTotalIncludingVat": _money("financials_total"),
            **_moneys(
                "totalExcludingVat",
                "totalVat",
                "totalIncludingVat",
                "totalInBaseCurrency",
                "acceptedDifference",
                "paidAmount",
                "creditedAmount",
                "writtenOffAmount",
                "balance",
            ),
        },
        inner={
            **_SYNC,
            "severaStatus": Inner(type="InvoiceStatus", null_when="severa_status_id"),
        },
        to={
            **_INTEGRATION,
            "customer": To(type="Customer", key="customer_id"),
            "project": To(type="Project", key="project_id"),
        },
    ),
    "Payment": Kind(
        table="payment",
        columns={
            "id": _gid("Payment"),
            **_RECORD,
            **_same("number", "kind", "date", "currency", "voided", "customerNumber"),
            **_moneys("amount"),
        },
        inner=_SYNC,
        to=_INTEGRATION,
    ),
    "ProjectCost": Kind(
        table="project_cost",
        columns={
            "id": _gid("ProjectCost"),
            **_RECORD,
            **_same(
                "journalKey",
                "description",
                "date",
                "currency",
                "supplierNumber",
                "supplierName",
            ),
            **_moneys("quantity", "unitPrice", "unitCost"),
            "isCompensation": "({t}.compensates_id IS NOT NULL)",
        },
        inner=_SYNC,
        to={**_INTEGRATION, "project": To(type="Project", key="project_id")},
    ),
}
