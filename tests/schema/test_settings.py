"""Settings: read once from the environment, each wrong one named in a sentence."""

from datetime import timedelta

import pytest

from schema.errors import ConfigError
from schema.settings import Hidden, Settings, variables

BARE = {"DATABASE_URL": "postgresql://u:secret@h/d"}


class TestReading:
    def test_has_a_default_for_everything_but_the_database(self) -> None:
        settings = Settings.from_env(BARE)

        assert settings.sync_interval_seconds == 300  # R26
        assert settings.profile == "production"

    def test_wants_a_database(self) -> None:
        with pytest.raises(ConfigError, match="DATABASE_URL"):
            Settings.from_env({})

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("GATEWAY_PORT", "http"),
            ("SYNC_INTERVAL_SECONDS", "-1"),
            ("VENDOR_TIME_SCALE", "fast"),
            ("GATEWAY_PROFILE", "test"),
            ("LEASE_SECONDS", "nan"),
            ("LEASE_SECONDS", "inf"),
        ],
    )
    def test_names_the_variable_that_is_wrong(self, name: str, text: str) -> None:
        with pytest.raises(ConfigError, match=name):
            Settings.from_env({**BARE, name: text})

    def test_takes_an_empty_text_as_not_given(self) -> None:
        assert Settings.from_env({**BARE, "GATEWAY_PORT": ""}).port == 8000

    def test_can_switch_the_timer_off(self) -> None:
        settings = Settings.from_env({**BARE, "SYNC_INTERVAL_SECONDS": "0"})

        assert settings.sync_interval_seconds == 0

    def test_scales_the_execution_limit(self) -> None:
        settings = Settings.from_env({**BARE, "VENDOR_TIME_SCALE": "0.01"})

        assert settings.execution_limit == timedelta(seconds=3)

    def test_waits_the_vendors_four_minutes_and_more_by_default(self) -> None:
        assert Settings.from_env(BARE).execution_limit >= timedelta(minutes=5)


class TestSecrecy:
    def test_hides_addresses_and_keys(self) -> None:
        """S14."""
        settings = Settings.from_env({**BARE, "GATEWAY_SECRET_KEYS": "very-secret"})

        assert "secret@h" not in repr(settings)
        assert "very-secret" not in repr(settings)
        assert settings.database_url == BARE["DATABASE_URL"]

    def test_hides_a_text_wherever_it_is_printed(self) -> None:
        assert repr(Hidden("x")) == "'***'"
        assert "x-secret" not in str([Hidden("x-secret")])


class TestVariables:
    def test_are_listed_with_their_defaults(self) -> None:
        listed = variables()

        assert listed["DATABASE_URL"] is None
        assert listed["SYNC_INTERVAL_SECONDS"] == "300"
