"""Log lines as JSON, each with the request's id, none with a secret (O4, S14)."""

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_EVENT = re.compile(r"([a-z_]+(?:\.[a-z_]+)+)(?:\s|$)")
_SECRETS = (
    (re.compile(r"sgw_[0-9a-z]{8}_[0-9A-Za-z]{10,}(?:_[0-9a-f]{8})?"), "sgw_***"),
    (re.compile(r"whs(?:ec|k)_[A-Za-z0-9+/=_-]+"), "whsec_***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 ***"),
    (re.compile(r"gAAAA[A-Za-z0-9_=-]{20,}"), "***"),
    (re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"), "***"),
    (re.compile(r"(\w+://[^\s:/@]*):[^\s/@]+@"), r"\1:***@"),
    (
        re.compile(
            r"(?i)(['\"]?\b\w*(?:secret|password|passwd|token|api_?key|authorization|signature)"
            r"\w*['\"]?\s*[=:]\s*)(['\"]?)[^\s'\",;&}]+\2"
        ),
        r"\1***",
    ),
)


def redact(text: str) -> str:
    """Take every text that looks like a secret out of a line."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class JSONFormatter(logging.Formatter):
    """Writes a record as one JSON object in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the time, the level, the event and whatever was given with it."""
        message = redact(record.getMessage())
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
        }
        event = _EVENT.match(message)
        if event is not None:
            line["event"] = event.group(1)
        if (current := request_id.get()) is not None:
            line["request_id"] = current
        line |= {key: _plain(value) for key, value in _extras(record)}
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return orjson.dumps(line, default=_plain).decode()


def configure(*, level: str, stream: TextIO | None = None) -> None:
    """Send every log line of this process to one stream as JSON."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(handlers=[handler], level=_level(level), force=True)
    # These print statements with their values, paths with their queries, or frames.
    for name in ("tortoise", "db_client", "asyncio", "httpx", "httpcore", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("tortoise.db_client").setLevel(logging.WARNING)


def _level(text: str) -> int:
    return logging.getLevelNamesMapping().get(text.upper(), logging.INFO)


def _extras(record: logging.LogRecord) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in vars(record).items() if key not in _STANDARD]


def _plain(value: Any) -> Any:
    if isinstance(value, int | float) or value is None:
        return value
    return redact(str(value)).encode("utf-8", "replace").decode()
