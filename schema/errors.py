"""Roots of our errors; a concrete error lives beside the function that raises it.

    GatewayError
    ├── Retryable      the same call may succeed later: the job waits and runs again
    ├── Refused        a person must act first: recorded as an issue with a next step
    └── ConfigError    a setting or the set-up is wrong: said in one sentence, the process stops

Every other exception is a surprise: logged with its traceback, masked outside.
"""

from typing import ClassVar


class GatewayError(Exception):
    """The root of every error that we raise on purpose."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False


class Retryable(GatewayError):
    """The same call may succeed later."""

    code = "retryable"
    retryable = True


class Refused(GatewayError):
    """A rule or a vendor refused; only a changed record or setting helps."""

    code = "refused"


class ConfigError(GatewayError):
    """A setting is missing or wrong."""

    code = "config"
