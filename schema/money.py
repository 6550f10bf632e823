"""Amounts of money: Decimal from the JSON text to the column, rounded in one place (J11)."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson

# Dates and the like are for whoever writes JSON to spell out.
_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
# A zero byte, and the halves of a character beyond the first plane, escaped or not.
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")
CENT = Decimal("0.01")
TOLERANCE = Decimal("0.05")


def cents(amount: Decimal) -> Decimal:
    """Round an amount half up to two decimals."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def within_tolerance(left: Decimal, right: Decimal) -> bool:
    """Tell whether two totals differ by at most 0.05 (R74, Q2); exactly 0.05 passes."""
    return abs(abs(left) - abs(right)) <= TOLERANCE


def loads(text: str | bytes) -> Any:
    """Parse JSON with every fraction as Decimal, and its texts without what no store can hold.

    Raises ValueError for text that is not JSON.
    """
    value = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    escapes = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return _storable(value) if _UNSTORABLE.search(escapes) else value


def _storable(value: Any) -> Any:
    """Drop zero bytes and halves of characters: PostgreSQL and UTF-8 have no place for them."""
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\x00", "")
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value


def dumps(value: Any) -> str:
    """Write JSON with Decimals as plain numbers, digits kept.

    Raises TypeError for what JSON has no words for.
    """
    try:
        return orjson.dumps(value, default=_exact, option=_STRICT).decode()
    except (TypeError, UnicodeEncodeError):
        return _written(value)


def _exact(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _written(value: Any) -> str:
    """Write what the fast way refuses: keys that are no texts, halves of characters."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))}:{_written(item)}" for key, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_written(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
