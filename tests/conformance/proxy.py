"""A small forwarding proxy that counts: absolute requests in, one connection each out."""

import asyncio
from urllib.parse import urlsplit


class ForwardingProxy:
    """Plain http only; `requests` counts what came through."""

    def __init__(self) -> None:
        self.requests = 0
        self.url = ""

    async def __aenter__(self) -> "ForwardingProxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            line, _, fields = head.partition(b"\r\n")
            method, target, version = line.split(b" ")
            address = urlsplit(target.decode())
            length = next(
                (
                    int(field.partition(b":")[2])
                    for field in fields.split(b"\r\n")
                    if field.lower().startswith(b"content-length:")
                ),
                0,
            )
            body = await reader.readexactly(length)
            self.requests += 1
            path = address._replace(scheme="", netloc="").geturl() or "/"
            there, out = await asyncio.open_connection(address.hostname, address.port)
            # One request a connection keeps this proxy simple.
            fields = b"Connection: close\r\n" + fields
            out.write(b"%s %s %s\r\n%s%s" % (method, path.encode(), version, fields, body))
            while chunk := await there.read(65536):
                writer.write(chunk)
            out.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
