"""A reverse proxy of aiohttp's own parts and nothing more: what a gateway in Python costs at least.

Arguments: the port to listen on, and the address that everything is passed on to.
"""

import asyncio
import sys

import aiohttp
from aiohttp import web


async def _main(port: int, far: str) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            headers = {"Content-Type": request.headers.get("Content-Type", "")}
            url = far + request.path
            async with session.request(request.method, url, data=body, headers=headers) as reply:
                if reply.content_length is not None:
                    return web.Response(
                        body=await reply.read(),
                        status=reply.status,
                        content_type=reply.content_type,
                    )
                answer = web.StreamResponse(headers={"Content-Type": reply.content_type})
                await answer.prepare(request)
                async for piece in reply.content.iter_any():
                    await answer.write(piece)
                return answer

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=2048).start()
        await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2]))
