"""Which addresses are called on a stranger's wish (W16)."""

import pytest

from schema.addresses import BadAddress, check_url, is_public


class TestIsPublic:
    @pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
    def test_lets_the_open_internet_pass(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255"),
            *("192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.2.1"),
            *("198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
            *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1"),
            *("ff02::1", "2001:db8::1"),
        ],
    )
    def test_refuses_what_lies_inside(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize(
        "address",
        [
            *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1"),
            *("2002:7f00:1::", "2002:c0a8:101::1", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1"),
            "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        ],
    )
    def test_refuses_what_hides_an_inner_address(self, address: str) -> None:
        assert not is_public(address)


class TestCheckUrl:
    @pytest.mark.parametrize(
        "url",
        [
            "https://hooks.example.com/severa?to=1",
            "https://hooks.example.com:8443/",
            "https://93.184.216.34/x",
        ],
    )
    def test_takes_an_https_address(self, url: str) -> None:
        check_url(url, local=False)

    @pytest.mark.parametrize(
        "url",
        [
            *("http://hooks.example.com/", "ftp://hooks.example.com/", "hooks.example.com", ""),
            *("https://", "https:///x", "https://user:pw@hooks.example.com/", "https://x:99999/"),
            *("https://hooks.example.com/#part", "https://hooks.example.com/a b"),
            *("https://bücher.example/", "https://x.example/\r\nhost: y", "https://[::1"),
            *("https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/"),
            *("https://localhost/", "https://localhost./", "https://a.localhost/"),
            *("https://metadata.google.internal/", "https://printer.local/"),
            "https://x.example/" + "a" * 2000,
        ],
    )
    def test_refuses_what_cannot_be_right(self, url: str) -> None:
        with pytest.raises(BadAddress):
            check_url(url, local=False)

    def test_takes_a_local_one_where_that_is_allowed(self) -> None:
        check_url("http://127.0.0.1:8080/hook", local=True)
