"""Ids of our own rows sort by the time they were made."""

from unittest.mock import patch

from schema.ids import new_id


class TestId:
    def test_is_a_uuid_of_version_seven(self) -> None:
        made = new_id()

        assert made.version == 7
        assert made.variant == "specified in RFC 4122"

    def test_sorts_after_an_older_one(self) -> None:
        for later in (1_000_000, 1_000):
            with patch("schema.ids.time.time_ns", side_effect=[10**18, 10**18 + later]):
                older, newer = new_id(), new_id()

            assert older < newer
            assert str(older) < str(newer)
