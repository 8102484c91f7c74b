"""A file at an address on loopback, whole, cut or held back in the middle."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["FileServer", "serving"]


class FileServer:
    """Serves `content` at every path but for those that are wrong.

    `/cut` breaks off after half, `/held` waits there, `/short`, `/long` and `/other` differ.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[str] = []


@contextmanager
def serving(content: bytes) -> Iterator[FileServer]:
    """A server with that content, closed at the end."""
    release = threading.Event()
    bodies = {
        "/short": content[:-1],
        "/long": content + b"x",
        "/other": content[::-1],
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file_server.requests.append(self.path)
            if self.path == "/missing":
                self.send_error(404)
                return
            body = bodies.get(self.path, content)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if self.path in {"/cut", "/held"} else body)
            self.wfile.flush()
            if self.path == "/held":
                release.wait(60)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    file_server = FileServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield file_server
    finally:
        release.set()
        server.shutdown()
        thread.join()
        server.server_close()
