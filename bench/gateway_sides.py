"""The proxies that are measured, and what of their processes can be counted.

nginx and haproxy pass everything on as it is. Dragoman has everything on: a key with limits on
requests, tokens and concurrency, a named route with a second candidate, health, rescue, deadlines,
metrics, usage, prices, and an access log that goes to nowhere.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

__all__ = [
    "ALL_CORES",
    "GATEWAY_CORE",
    "KEY",
    "LOAD_CORES",
    "Far",
    "Side",
    "cpu_s",
    "far_side",
    "find",
    "free_port",
    "rss_bytes",
    "running",
    "sides",
    "wait_for",
]

HERE = Path(__file__).parent
KEY = "sk-bench-0123456789abcdef0123456789abcdef"
GATEWAY_CORE = "0"
ALL_CORES = "0" if os.cpu_count() == 1 else f"0-{(os.cpu_count() or 2) - 1}"
LOAD_CORES = "1" if os.cpu_count() == 2 else f"1-{(os.cpu_count() or 2) - 1}"
SAID = [
    {"role": "system", "content": "You are a helpful assistant. Answer in short sentences."},
    {"role": "user", "content": "TEXT " + "Why is the sky blue, and why is it red at dusk? " * 4},
]
NGINX_HEAD = """
worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log stderr crit;
worker_rlimit_nofile {files};
events {{ worker_connections {files}; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  keepalive_requests 100000000;
"""
NGINX_FAR = (
    NGINX_HEAD
    + """
  server {{
    listen 127.0.0.1:{port} backlog=2048; default_type application/json;
    location / {{ return 200 '{answer}'; }}
  }}
}}
"""
)
NGINX = (
    NGINX_HEAD
    + """
  upstream far {{ server 127.0.0.1:{far}; keepalive 256; keepalive_requests 100000000; }}
  upstream whole {{ server 127.0.0.1:{whole}; keepalive 256; keepalive_requests 100000000; }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
  server {{ listen 127.0.0.1:{port} backlog=16384; location / {{ proxy_pass http://far; }} }}
  server {{ listen 127.0.0.1:{whole_port} backlog=2048; location / {{ proxy_pass http://whole; }} }}
}}
"""
)
HAPROXY = """
global
  nbthread 1
  maxconn {connections}
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  option http-no-delay
  http-reuse always
frontend streams
  bind 127.0.0.1:{port} backlog 16384
  default_backend far
frontend wholes
  bind 127.0.0.1:{whole_port} backlog 2048
  default_backend whole
backend far
  server far 127.0.0.1:{far} pool-max-conn 256
backend whole
  server whole 127.0.0.1:{whole} pool-max-conn 256
"""
DRAGOMAN = """
[gateway]
relay = "{relay}"
log = true
database_url = "sqlite:///{folder}/{relay}.db"
concurrency = 50000
# The crowd is silent until all of it is there.
ping_s = 120

[[gateway.keys]]
key = "{key}"
name = "bench"
models = ["chat", "whole", "claude"]
requests_per_minute = 1000000000
tokens_per_minute = 1000000000000
concurrency = 50000

[providers.up]
service = "openai"
base_url = "http://127.0.0.1:{far}/v1"
models = ["gpt-4o-mini"]
api_key = "any"

[providers.up-whole]
service = "openai"
base_url = "http://127.0.0.1:{whole}/v1"
models = ["gpt-4o-mini"]
api_key = "any"

[providers.spare]
service = "openai"
base_url = "http://127.0.0.1:{far}/v1"
models = ["gpt-4o-mini"]
api_key = "any"

[providers.other]
service = "anthropic"
base_url = "http://127.0.0.1:{far}"
models = ["claude-3-5-haiku-latest"]
api_key = "any"

[routes.chat]
candidates = ["up/gpt-4o-mini", "spare/gpt-4o-mini"]
rescue = "replay"
idle_s = 120
total_s = 600

[routes.whole]
candidates = ["up-whole/gpt-4o-mini", "spare/gpt-4o-mini"]
rescue = "replay"

[routes.claude]
candidates = ["other/claude-3-5-haiku-latest", "spare/gpt-4o-mini"]
rescue = "replay"
"""


class Far(msgspec.Struct, frozen=True):
    """The service's ports: for streams, and for answers in one piece."""

    port: int
    whole: int


class Side(msgspec.Struct, frozen=True):
    """A proxy that can be started: where it listens for what, and what it is asked."""

    name: str
    command: tuple[str, ...]
    port: int
    whole_port: int

    @property
    def is_ours(self) -> bool:
        """Whether it is Dragoman."""
        return self.name.startswith("relay")

    def load(self, kind: str, model: str = "chat") -> list[str]:
        """The command of the load generator."""
        body = json.dumps({"model": model, "messages": SAID, "max_tokens": 500})
        port = self.whole_port if model == "whole" else self.port
        headers = (f"Authorization: Bearer {KEY}", "User-Agent: bench/1", "Accept: */*")
        generator = (sys.executable, str(HERE / "gateway_load.py"))
        return [*generator, kind, str(port), "/v1/chat/completions", body, *headers]


def find(name: str) -> str | None:
    """A program, which a variable of its name in capital letters may say the place of."""
    return shutil.which(os.environ.get(name.upper(), name))


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], cores: str = "") -> Iterator[subprocess.Popen[str]]:
    """A program for as long as it is needed, on these cores."""
    pinned = ("taskset", "-c", cores) if cores and shutil.which("taskset") else ()
    process = subprocess.Popen(
        (*pinned, *command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def wait_for(port: int) -> None:
    """Until a side answers its first request."""
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if sock.recv(100).startswith(b"HTTP/1.1"):
                return
        time.sleep(0.002)


def _family(pid: int) -> Iterator[int]:
    yield pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    for child in children:
        yield from _family(int(child))


def rss_bytes(pid: int) -> int:
    """Of a process and its children."""
    statm = [Path(f"/proc/{one}/statm").read_text("ascii") for one in _family(pid)]
    return sum(int(text.split()[1]) for text in statm) * resource.getpagesize()


def cpu_s(pid: int) -> float:
    """Of a process and its children, in seconds since they began."""
    # Linux: the clock of another process, in nanoseconds, where /proc has hundredths.
    return sum(time.clock_gettime((~one << 3) | 2) for one in _family(pid))


@contextmanager
def far_side(folder: Path) -> Iterator[Far]:
    """The service, on the cores of the load; answers in one piece are nginx's if it is there."""
    from gateway_far import ANSWER

    with contextlib.ExitStack() as stack:
        command = [sys.executable, str(HERE / "gateway_far.py")]
        far = stack.enter_context(running(command, LOAD_CORES))
        assert far.stdout  # noqa: S101 - asked for above
        port = whole = int(far.stdout.readline())
        if nginx := find("nginx"):
            whole = free_port()
            names = {"folder": folder, "name": "far", "files": 4096, "port": whole}
            path = folder / "far.conf"
            path.write_text(NGINX_FAR.format(**names, answer=ANSWER.decode()), "utf-8")
            command = [nginx, "-c", str(path), "-p", str(folder), "-e", "stderr"]
            stack.enter_context(running(command, LOAD_CORES))
            wait_for(whole)
        yield Far(port, whole)


def sides(folder: Path, far: Far) -> Iterator[Side]:
    """All that can be measured here, nginx first."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    for name, text, options in (
        ("nginx", NGINX, ("-p", str(folder), "-e", "stderr", "-c")),
        ("haproxy", HAPROXY, ("-db", "-f")),
    ):
        if program := find(name):
            path, port, whole_port = folder / name, free_port(), free_port()
            names = {"folder": folder, "name": name, "files": files, "connections": files // 2 - 50}
            ports = {"port": port, "whole_port": whole_port, "far": far.port, "whole": far.whole}
            path.write_text(text.format(**names, **ports), "utf-8")
            yield Side(name, (program, *options, str(path)), port, whole_port)
    for relay in ("on", "off"):
        path, port = folder / f"{relay}.toml", free_port()
        names = {"relay": relay, "key": KEY, "folder": folder}
        ports = {"far": far.port, "whole": far.whole}
        path.write_text(DRAGOMAN.format(**names, **ports), "utf-8")
        ours = (sys.executable, "-m", "dragoman", "serve", "--config", str(path))
        yield Side(f"relay {relay}", (*ours, "--port", str(port)), port, port)
