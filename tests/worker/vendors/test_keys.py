"""Keys in a path survive the way there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.vendors.financials.keys import key, location_key, plain_key

HOSTS = frozenset({"api.finance.visma.net"})


class TestKey:
    @given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40))
    def test_comes_back_whole(self, value: str) -> None:
        assert plain_key(key(value)) == value

    @given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40))
    def test_never_ends_its_segment(self, value: str) -> None:
        assert not set(key(value)) & set("/?#[]@&*+;:\\")

    def test_leaves_a_plain_key_alone(self) -> None:
        assert key("PRJ-2026.1") == "PRJ-2026.1"

    def test_hides_reserved_characters(self) -> None:
        assert key("A/1:2") == "b64(QS8xOjI)"

    @pytest.mark.parametrize("value", ["b64(x)", "..", ".", "50%", "a\\b", "<x>"])
    def test_hides_what_a_web_server_would_misread(self, value: str) -> None:
        assert key(value).startswith("b64(")

    def test_reads_padded_text_too(self) -> None:
        assert plain_key("b64(QS8xOjI=)") == "A/1:2"


class TestLocationKey:
    def test_takes_the_last_segment(self) -> None:
        headers = {"location": "https://api.finance.visma.net/v1/customer/10001"}

        assert location_key(headers, hosts=HOSTS) == "10001"

    def test_decodes_a_coded_segment(self) -> None:
        headers = {"location": "/v1/inventory/b64(QS8xOjI)"}

        assert location_key(headers, hosts=HOSTS) == "A/1:2"

    @pytest.mark.parametrize(
        "location", [None, "", "https://evil.test/v1/customer/1", "https://api.finance.visma.net/"]
    )
    def test_refuses_anything_else(self, location: str | None) -> None:
        headers = {} if location is None else {"location": location}

        with pytest.raises(ValueError, match="Location"):
            location_key(headers, hosts=HOSTS)
