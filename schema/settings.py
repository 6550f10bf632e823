"""Settings of a process, read once from the environment; `.env.example` lists them all."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Literal, get_args

from schema.errors import ConfigError

Profile = Literal["demo", "production"]
Statuses = Literal["audit", "draft"]
Targets = Literal["public", "any"]


class Hidden(str):
    """A text that shows as `***` wherever a program prints a value (S14)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one process needs to know about its surroundings."""

    database_url: Hidden = field(metadata={"env": "DATABASE_URL"})
    redis_url: Hidden = field(default=Hidden(""), metadata={"env": "REDIS_URL"})
    secret_keys: Hidden = field(default=Hidden(""), metadata={"env": "GATEWAY_SECRET_KEYS"})
    profile: Profile = field(default="production", metadata={"env": "GATEWAY_PROFILE"})
    public_url: str = field(default="http://127.0.0.1:8000", metadata={"env": "GATEWAY_PUBLIC_URL"})
    allowed_hosts: str = field(default="", metadata={"env": "GATEWAY_ALLOWED_HOSTS"})
    cors_origins: str = field(default="", metadata={"env": "GATEWAY_CORS_ORIGINS"})
    forwarded_allow_ips: str = field(
        default="127.0.0.1", metadata={"env": "GATEWAY_FORWARDED_ALLOW_IPS"}
    )
    host: str = field(default="127.0.0.1", metadata={"env": "GATEWAY_HOST"})
    port: int = field(default=8000, metadata={"env": "GATEWAY_PORT"})
    severa_base_url: str = field(
        default="https://api.severa.visma.com/rest-api", metadata={"env": "SEVERA_BASE_URL"}
    )
    financials_base_url: str = field(
        default="https://api.finance.visma.net", metadata={"env": "FINANCIALS_BASE_URL"}
    )
    financials_token_url: str = field(
        default="https://connect.visma.com/connect/token",
        metadata={"env": "FINANCIALS_TOKEN_URL"},
    )
    financials_signature_header: str = field(
        default="x-webhook-signature", metadata={"env": "FINANCIALS_SIGNATURE_HEADER"}
    )
    financials_tenant_path: str = field(
        default="tenantId", metadata={"env": "FINANCIALS_TENANT_PATH"}
    )
    financials_webhook_secret: Hidden = field(
        default=Hidden(""), metadata={"env": "FINANCIALS_WEBHOOK_SECRET"}
    )
    sync_interval_seconds: float = field(default=300, metadata={"env": "SYNC_INTERVAL_SECONDS"})
    vendor_time_scale: float = field(default=1, metadata={"env": "VENDOR_TIME_SCALE"})
    vendor_execution_seconds: float = field(
        default=300, metadata={"env": "VENDOR_EXECUTION_SECONDS"}
    )
    severa_calls_per_second: float = field(default=8, metadata={"env": "SEVERA_CALLS_PER_SECOND"})
    lease_seconds: float = field(default=60, metadata={"env": "LEASE_SECONDS"})
    database_pool: int = field(default=10, metadata={"env": "DATABASE_POOL"})
    rate_points: float = field(default=20_000, metadata={"env": "GATEWAY_RATE_POINTS"})
    operations_at_once: int = field(default=1000, metadata={"env": "GATEWAY_OPERATIONS_AT_ONCE"})
    subscriptions_at_once: int = field(
        default=10_000, metadata={"env": "GATEWAY_SUBSCRIPTIONS_AT_ONCE"}
    )
    failed_keys_per_minute: float = field(
        default=60, metadata={"env": "GATEWAY_FAILED_KEYS_PER_MINUTE"}
    )
    # HTTP statuses of GraphQL: as the graphql-http audits want them, or as the spec's draft has.
    graphql_statuses: Statuses = field(default="audit", metadata={"env": "GRAPHQL_STATUSES"})
    # Where outgoing webhooks may go: the open internet by https, or anywhere.
    webhook_targets: Targets = field(default="public", metadata={"env": "WEBHOOK_TARGETS"})
    log_level: str = field(default="INFO", metadata={"env": "LOG_LEVEL"})

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings from environment variables.

        Raises ConfigError with one sentence that names the variable and the fix.
        """
        values: dict[str, Any] = {}
        for item in fields(cls):
            name = item.metadata["env"]
            text = environ.get(name)
            if text:
                values[item.name] = _read(name, text, item.type)
        if "database_url" not in values:
            raise ConfigError("DATABASE_URL is not set; give a postgresql:// address.")
        return cls(**values)

    @property
    def execution_limit(self) -> timedelta:
        """How long a call to Financials may still land after its client gave up."""
        return timedelta(seconds=self.vendor_execution_seconds * self.vendor_time_scale)


def variables() -> dict[str, str | None]:
    """List every environment variable with its default; None for a required one."""
    listed: dict[str, str | None] = {}
    for item in fields(Settings):
        default = item.default if isinstance(item.default, str | int | float) else None
        listed[item.metadata["env"]] = None if default is None else str(default)
    return listed


def _read(name: str, text: str, kind: object) -> object:
    if kind is Hidden:
        return Hidden(text)
    if kind in (Profile, Statuses, Targets):
        choices = get_args(kind)
        if text not in choices:
            raise ConfigError(f"{name} is {text!r}; use {' or '.join(choices)}.")
        return text
    if kind is int or kind is float:
        return _number(name, text, kind)
    return text


def _number(name: str, text: str, kind: object) -> float:
    try:
        value = int(text) if kind is int else float(text)
    except ValueError as error:
        raise ConfigError(f"{name} is {text!r}; it must be a number.") from error
    if not math.isfinite(value) or value < 0:
        raise ConfigError(f"{name} is {text!r}; it must be finite and not negative.")
    return value
