"""What does the gateway cost, beside nginx as a plain reverse proxy and beside bare aiohttp?

Service, proxies and load are processes of their own; each side forwards the same requests to the
same service. "Passed on" speaks OpenAI's format on both sides, so the bytes are relayed;
"translated" is asked in Anthropic's. No side writes an access log. Without the program nginx
(`NGINX` may name it) its row is left out.
"""

import asyncio
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import msgspec
from gateway_far import EVENTS
from gateway_load import REQUESTS, STREAMS
from measure import RUNS, in_turn, report

HERE = Path(__file__).parent
AMOUNTS = {"rate": REQUESTS, "chunks": STREAMS * EVENTS}
SAID = [{"role": "user", "content": "TEXT"}]
CHAT = ("/v1/chat/completions", json.dumps({"model": "up/m", "messages": SAID}))
MESSAGES = ("/v1/messages", json.dumps({"model": "up/m", "max_tokens": 500, "messages": SAID}))
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream far {{ server 127.0.0.1:{far}; keepalive 256; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048; keepalive_requests 1000000;
    location / {{
      proxy_pass http://far; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""
DRAGOMAN = """
[gateway]
log = false

[providers.up]
dialect = "openai_chat"
base_url = "http://127.0.0.1:{far}/v1"
models = ["m"]
api_key = "any"
"""


class Side(msgspec.Struct, frozen=True):
    """A proxy that can be started, and what it is asked."""

    name: str
    command: tuple[str, ...]
    port: int
    ask: tuple[str, str] = CHAT

    def measure(self, kind: str) -> float:
        """One figure of the load generator's."""
        load = [sys.executable, str(HERE / "gateway_load.py"), kind, str(self.port), *self.ask]
        return float(subprocess.run(load, check=True, capture_output=True, text=True).stdout)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def _wait_for(port: int) -> None:
    """Until the side answers its first request."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                if sock.recv(100).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            time.sleep(0.002)


def _rss_mb(pid: int) -> float:
    """Of a process and its children, in MB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    own = pages * resource.getpagesize() / 1e6
    return own + sum(_rss_mb(int(child)) for child in children)


def _sides(folder: Path, far: int) -> list[Side]:
    sides = []
    if nginx := shutil.which(os.environ.get("NGINX", "nginx")):
        port = _free_port()
        path = folder / "nginx.conf"
        path.write_text(NGINX.format(folder=folder, far=far, port=port), "utf-8")
        command = (nginx, "-c", str(path), "-p", str(folder), "-e", "stderr")
        sides.append(Side("nginx, one worker", command, port))
    else:
        print("nginx is not installed: its row is left out")
    port = _free_port()
    bare = (sys.executable, str(HERE / "gateway_bare.py"), str(port), f"http://127.0.0.1:{far}")
    sides.append(Side("bare aiohttp", bare, port))
    port = _free_port()
    path = folder / "dragoman.toml"
    path.write_text(DRAGOMAN.format(far=far), "utf-8")
    ours = (sys.executable, "-m", "dragoman", "serve", "--config", str(path), "--port", str(port))
    sides.append(Side("dragoman, passed on", ours, port))
    sides.append(Side("dragoman, translated", ours, port, MESSAGES))
    return sides


def _ready_s(side: Side) -> float:
    started = time.perf_counter()
    with _running(side.command):
        _wait_for(side.port)
        return time.perf_counter() - started


def _memory_mb(side: Side) -> tuple[float, float]:
    """Idle, and with 1,000 slow streams."""
    load = [sys.executable, str(HERE / "gateway_load.py"), "hold", str(side.port), *side.ask]
    with _running(side.command) as process:
        _wait_for(side.port)
        idle = _rss_mb(process.pid)
        with _running(load) as holding:
            assert holding.stdout  # noqa: S101 - asked for above
            if holding.stdout.readline().strip() != "0":
                raise SystemExit(f"{side.name}: the streams did not begin")
            return idle, _rss_mb(process.pid)


def _cpu_s(pid: int) -> float:
    """Of a process and its children, in seconds since they began."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_cpu_s(int(child)) for child in children)


async def _compare(title: str, sides: dict[Side, int], kind: str, unit: str) -> None:
    """By the clock, and by the processor's time of the proxy alone, which a busy machine spares."""
    busy: dict[str, list[float]] = {side.name: [] for side in sides}

    def measure(side: Side) -> float:
        before = _cpu_s(sides[side])
        figure = side.measure(kind)
        busy[side.name].append((_cpu_s(sides[side]) - before) * 1e6 / AMOUNTS[kind])
        return figure

    by_clock: dict[str, Callable[[], Awaitable[float]]] = {
        side.name: partial(asyncio.to_thread, measure, side) for side in sides
    }
    report(f"{title} (more is better)", await in_turn(by_clock), f"{unit}s/s")
    counted = {name: figures[-RUNS:] for name, figures in busy.items()}
    report("  of it, the proxy's own work (less is better)", counted, f"us/{unit}")


async def _speed(sides: dict[Side, int], straight: Side) -> None:
    await _compare("480 bytes of JSON, 64 connections", sides, "rate", "request")
    await _compare("100 streams at full speed", sides, "chunks", "chunk")
    print("\nfirst token, more than without a proxy, median (less is better)")
    waits: dict[str, list[float]] = {side.name: [] for side in sides}
    for _ in range(RUNS):
        least = straight.measure("first")
        for side in sides:
            waits[side.name].append(side.measure("first") - least)
    # Differences, and no shares of them: the least may be next to nothing.
    for name, more in waits.items():
        print(f"  {name:<34} {median(more):>12.2f} ms  [{min(more):.2f} .. {max(more):.2f}]")


def _main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16384), most))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        far = stack.enter_context(_running([sys.executable, str(HERE / "gateway_far.py")]))
        assert far.stdout  # noqa: S101 - asked for above
        port = int(far.stdout.readline())
        sides = _sides(folder, port)
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        alone = sides[:-1]
        report(
            "from start to the first answer (less is better)",
            {side.name: [_ready_s(side) * 1000 for _ in range(RUNS)] for side in alone},
            "ms",
        )
        print("\nmemory, idle and with 1,000 slow streams (less is better)")
        for side in sides:
            idle, held = _memory_mb(side)
            per_stream = (held - idle) * 1e3 / 1000
            print(
                f"  {side.name:<34} {idle:>6.1f} MB {held:>6.1f} MB {per_stream:>6.1f} kB a stream"
            )
        started: dict[int, int] = {}
        for side in alone:
            started[side.port] = stack.enter_context(_running(side.command)).pid
            _wait_for(side.port)
        pids = {side: started[side.port] for side in sides}
        asyncio.run(_speed(pids, Side("straight", (), port)))


if __name__ == "__main__":
    _main()
