"""Who is asked for a picture by address, and who never is: addresses, names, redirects."""

import ssl
from collections.abc import Sequence

import pytest
import trustme

from dragoman.gateway.fetching import Fetching
from dragoman.messages import Image
from dragoman.transport.public_get import PublicGet, _open_socket
from dragoman.transport.public_hosts import is_public
from tests.gateway.pictures import (
    NAMES,
    OLLAMA,
    PNG,
    Hosts,
    Names,
    chat,
    fetching_here,
    here,
    refusal,
    url,
)
from tests.transport.far_side import Connection, FarSide, reply


@pytest.mark.parametrize(("name", "fits"), [("pictures.test", True), ("others.test", False)])
async def test_a_certificate_is_for_the_name_and_not_for_the_address(
    hosts: Hosts, name: str, fits: bool
) -> None:
    authority = trustme.CA()
    server, client = (
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
        ssl.create_default_context(),
    )
    authority.issue_cert(name).configure_cert(server)
    authority.configure_trust(client)
    far = await hosts.says(reply(PNG), server)
    work = Fetching(PublicGet(look_up=NAMES, allows=here, verify=client))
    picture = Image(url=f"https://pictures.test:{far.port}/")

    if fits:
        assert await work.filled(chat(picture), OLLAMA) == chat(
            Image(content=PNG, media_type="image/png")
        )
    else:
        assert "certificate" in (await refusal(work, picture)).message


ADDRESSES = {
    "loopback": "http://127.0.0.1:{port}/",
    "loopback by IPv6": "http://[::1]:{port}/",
    "loopback, mapped": "http://[::ffff:127.0.0.1]:{port}/",
    "private": "http://10.0.0.1/",
    "link-local": "http://169.254.169.254/latest/meta-data/",
    "link-local by IPv6": "http://[fe80::1]/",
    "multicast": "http://224.0.0.1/",
    "reserved": "http://240.0.0.1/",
    "unspecified": "http://0.0.0.0:{port}/",
    "a number": "http://2130706433:{port}/",
    "a hexadecimal number": "http://0x7f000001:{port}/",
    "a short form": "http://127.1:{port}/",
    "wide digits": "http://\uff11\uff12\uff17.0.0.1:{port}/",
    "a name": "http://localhost:{port}/",
    "a name of ours": "http://inside.test:{port}/",
    "a name with two addresses": "http://both.test:{port}/",
    "a name with none": "http://nobody.test/",
    "a name that is too long": "http://" + "a" * 70 + ".test/",
}


@pytest.mark.parametrize("kind", ADDRESSES)
async def test_an_address_that_is_not_public_is_never_asked(hosts: Hosts, kind: str) -> None:
    """The real rule: nothing here says that this machine may be asked."""
    far = await hosts.says(reply(PNG))
    table = {
        "localhost": ["127.0.0.1", "::1"],
        "inside.test": ["127.0.0.1"],
        "both.test": ["8.8.8.8", "127.0.0.1"],
        "nobody.test": [],
        # What the system makes of the short forms.
        "2130706433": ["127.0.0.1"],
        "0x7f000001": ["127.0.0.1"],
        "127.1": ["127.0.0.1"],
    }
    getting = PublicGet(look_up=Names(table))

    error = await refusal(Fetching(getting), Image(url=ADDRESSES[kind].format(port=far.port)))

    assert error.place == "messages[0].content[1]"
    assert "is no host in the public internet" in error.message
    assert not far.connections


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://pictures.test/a.png", "not an http or https address"),
        ("file:///etc/passwd", "not an http or https address"),
        ("gs://bucket/a.png", "not an http or https address"),
        ("http://[::1/", "not an http or https address"),
        ("http://pictures.test:99999/", "not an http or https address"),
        ("nonsense", "not an http or https address"),
        ("http://me:word@pictures.test/", "login"),
        ("http://me@pictures.test/", "login"),
        ("http://:word@pictures.test/", "login"),
    ],
)
async def test_what_is_no_plain_address_is_refused(address: str, why: str) -> None:
    names = Names({})

    error = await refusal(fetching_here(names), Image(url=address))

    assert why in error.message
    assert "word" not in error.message.replace("password", "")
    assert error.place == "messages[0].content[1]"
    assert names.asked == []


async def test_a_host_is_looked_up_once_and_that_answer_is_connected_to(hosts: Hosts) -> None:
    """A name that means us the second time it is asked is the oldest trick."""
    far = await hosts.says(reply(PNG))
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    work = Fetching(PublicGet(look_up=rebinding, allows=here))
    filled = await work.filled(chat(Image(url=url(far.port))), OLLAMA)

    assert filled.messages[0].parts[1] == Image(content=PNG, media_type="image/png")
    assert next(answers) == ["127.0.0.2"]


def test_a_socket_is_opened_only_to_what_was_checked() -> None:
    row = (2, 1, 6, "", ("127.0.0.1", 80))

    _open_socket(frozenset({"127.0.0.1"}), row).close()
    with pytest.raises(OSError, match="not the address that was checked"):
        _open_socket(frozenset({"127.0.0.2"}), row)


async def _redirecting(hosts: Hosts, target: str, times: int = 1) -> FarSide:
    count = iter(range(times))

    async def script(connection: Connection) -> None:
        await connection.request()
        if next(count, None) is None:
            await connection.send(reply(PNG))
        else:
            await connection.send(reply(b"x", "302 Found", Location=target, Set_Cookie="a=b"))

    return await hosts.serve(script)


async def test_three_redirects_are_followed_without_cookies(hosts: Hosts) -> None:
    far = await _redirecting(hosts, "/next.png", times=3)

    filled = await fetching_here().filled(chat(Image(url=url(far.port))), OLLAMA)

    assert filled.messages[0].parts[1] == Image(content=PNG, media_type="image/png")
    assert [seen.target for seen in far.seen] == ["/a.png", *["/next.png"] * 3]
    assert not any(seen.header("cookie") for seen in far.seen)


async def test_a_fourth_is_not(hosts: Hosts) -> None:
    far = await _redirecting(hosts, "/next.png", times=4)

    error = await refusal(fetching_here(), Image(url=url(far.port)))

    assert "more than 3 redirects" in error.message
    assert len(far.seen) == 4


@pytest.mark.parametrize(
    "target",
    ["http://inside.test:{port}/", "http://127.0.0.2:{port}/", "http://[::1]:{port}/"],
)
async def test_where_a_redirect_leads_is_checked_again(hosts: Hosts, target: str) -> None:
    inside = await hosts.says(reply(PNG))
    far = await _redirecting(hosts, target.format(port=inside.port))

    error = await refusal(fetching_here(), Image(url=url(far.port)))

    assert "is no host in the public internet" in error.message
    assert not inside.connections


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://me:word@pictures.test/"])
async def test_a_redirect_leads_to_plain_addresses_only(hosts: Hosts, target: str) -> None:
    far = await _redirecting(hosts, target)

    error = await refusal(fetching_here(), Image(url=url(far.port)))

    assert error.place == "messages[0].content[1]"
    assert "word" not in error.message


def test_the_rule_in_force_is_the_real_one() -> None:
    getting = Fetching()._getting

    assert getting._allows is is_public
