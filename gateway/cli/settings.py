"""The settings of a command, read from the environment at this edge only."""

import os

from schema.settings import Settings


def settings() -> Settings:
    """Read the settings; raises ConfigError with one sentence."""
    return Settings.from_env(os.environ)
