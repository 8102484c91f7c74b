"""What is not clearly an address of the public internet is none."""

import pytest

from dragoman.transport.public_hosts import is_public, look_up

PUBLIC = ("8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8")
REFUSED = {
    "loopback": ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"),
    "this host": ("0.0.0.0", "::", "::ffff:0.0.0.0"),  # noqa: S104 - refused
    "private": ("10.0.0.1", "172.16.0.1", "192.168.1.1", "::ffff:10.0.0.1", "fd00::1"),
    "shared by a carrier's customers": ("100.64.0.1",),
    "link-local": ("169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254"),
    "site-local": ("fec0::1",),
    "multicast": ("224.0.0.1", "239.255.255.250", "ff02::1", "::ffff:224.0.0.1"),
    "reserved": ("240.0.0.1", "255.255.255.255", "4000::1"),
    "for examples": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    "wraps an IPv4 address": (
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ),
    "no address": ("", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"),
}


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_public_internet_may_be_asked(text: str) -> None:
    assert is_public(text)


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in REFUSED.items() for text in texts]
)
def test_any_other_is_refused(kind: str, text: str) -> None:
    assert not is_public(text), kind


async def test_a_name_is_looked_up_by_the_system() -> None:
    assert set(await look_up("localhost", 80)) <= {"127.0.0.1", "::1"}
