"""HTTP/1.1 without a task, coroutine or timer of its own for each request: callbacks only.

For hot paths, inside one event loop (uvloop, or asyncio's own). It speaks to origins directly: no
proxies, redirects, cookies or compression; those stay with the transports on aiohttp and curl.
Needs httptools, of the extra `serve`.

    pool = DirectPool()                                    # in the running loop; one per loop
    origin = Origin.of("https://api.example", verify=True)     # once per origin, kept
    head = request_head("POST", "/v1/chat", origin, {"authorization": "..."})   # once, kept
    exchange = pool.ask(origin, head, body, receiver, limits)
    ...
    await pool.close()

What a `Receiver` is told, in this order: `head` once, `body` any number of times, then exactly one
of `done` and `failed`; `failed` may come at any point. Nothing is told before `ask` has returned,
and nothing after `Exchange.cancel`, which may be called at any time, also by the receiver.

    1xx          skipped
    head         names are lower-case; order and repetitions are kept
    body         all that one read of the socket brought, without chunk framing; never empty
    done         the reply is whole by its own framing; the connection is already free again
    failed       TransportError       no connection, or lost before a reply; see `Exchange.sent`
                 TimeoutError         connect, first byte, silence or total: the message says which
                 ResponseError        not HTTP/1.1, compressed, a switch of protocols, too large
                 StreamTruncatedError the connection ended, or its chunks broke, inside of the body

A request on a kept connection that is lost before any byte of a reply is asked again, once, if
its method may be repeated (GET, HEAD, OPTIONS, TRACE, PUT, DELETE; RFC 9110 section 9.2.2). A POST
never is: it fails with a `TransportError`, as on the other transports.

Limits are those of every transport. `first_token_s` here holds until the first byte of a body,
`idle_s` is silence of the socket while somebody reads, and waiting for a free connection counts as
connecting. All of them are kept by one timer of the loop, late by at most 16 ms.
"""

from dragoman.transport.direct.exchange import Exchange, Receiver
from dragoman.transport.direct.origin import Origin, request_head
from dragoman.transport.direct.pool import DirectPool
from dragoman.transport.direct.settings import PoolLimits

__all__ = ["DirectPool", "Exchange", "Origin", "PoolLimits", "Receiver", "request_head"]
