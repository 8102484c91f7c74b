"""What does the gateway cost beside nginx and haproxy, as plain reverse proxies, with all of it on?

Proxies, service and load are processes of their own, the proxy alone on one core. Each figure is
the median of the runs; a share is of nginx in the same run. `relay on` is the lane for what needs
no translation, `relay off` the ordinary way. By the processor's time, a figure counts only what the
proxy itself worked for it: on a busy machine it says more than the clock.

nginx, haproxy and wrk are measured, and used, where they are installed; `NGINX`, `HAPROXY` and
`WRK` may name them. With wrk and nginx the load and the service of the JSON requests are theirs.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median

import msgspec
from gateway_far import EVENTS, PACED
from gateway_load import CONNECTIONS, CROWD, HELD, REQUESTS, ROUNDS, STREAMS, TOKENS
from gateway_sides import (
    ALL_CORES,
    GATEWAY_CORE,
    KEY,
    LOAD_CORES,
    Side,
    cpu_s,
    far_side,
    find,
    rss_bytes,
    running,
    sides,
    wait_for,
)
from measure import RUNS

WRK_S = 3
WRK = """
wrk.method, wrk.body = "POST", %s
wrk.headers["Content-Type"], wrk.headers["Authorization"] = "application/json", "Bearer %s"
"""


class Row(msgspec.Struct, frozen=True):
    """One line of the table: what is measured, its unit, and its goal as a share of nginx."""

    title: str
    unit: str
    goal: str = ""


JSON = Row(f"JSON requests/s, {CONNECTIONS} connections", "1/s", ">= 0.40")
JSON_CPU = Row("  its work for a request", "us")
CHUNKS = Row(f"chunks/s, {STREAMS} streams at full speed", "1/s", ">= 0.80")
CHUNKS_CPU = Row("  its work for a chunk", "us")
PACED_CPU = Row("its work for a paced chunk", "us", "<= 1.5")
FIRST = Row("added first token, 1 stream", "ms", "<= 1.3")
BESIDE = Row(f"added first token beside {STREAMS} streams", "ms", "<= 1.3")
TRANSLATED = Row("translated stream, chunks/s", "1/s", ">= 0.25")
TRANSLATED_CPU = Row("  its work for a translated chunk", "us")
MEMORY = Row(f"memory of a slow stream, of {HELD:,}", "KiB", "20 KiB")
IDLE = Row("memory, idle", "MB", "70 MB")
READY = Row("from start to the first answer", "ms", "600 ms")
AMOUNTS = {
    "rate": REQUESTS,
    "chunks": STREAMS * ROUNDS * EVENTS,
    "paced": STREAMS * PACED,
    "first": TOKENS,
    "beside": TOKENS,
}
Figures = dict[Row, dict[str, list[float]]]


class Bench:
    """The proxies that run, and what was measured of each."""

    def __init__(self, pids: dict[Side, int], straight: Side, folder: Path) -> None:
        self.pids = pids
        self.straight = straight
        self.figures: Figures = defaultdict(lambda: defaultdict(list))
        self.script = folder / "wrk.lua"
        body = straight.load("rate", "whole")[5].replace("TEXT", "WHOLE")
        self.script.write_text(WRK % (json.dumps(body), KEY), "utf-8")

    def run(self) -> None:
        """Everything once, the sides in turn."""
        least = {kind: _load(self.straight, kind) for kind in ("first", "beside")}
        for side in self.pids:
            self._note(side, JSON, JSON_CPU, self._rate(side))
            self._note(side, CHUNKS, CHUNKS_CPU, self._count(side, "chunks"))
            _, cpu_us = self._count(side, "paced")
            self.figures[PACED_CPU][side.name].append(cpu_us)
            for row, kind in ((FIRST, "first"), (BESIDE, "beside")):
                added_ms = _load(side, kind) - least[kind]
                self.figures[row][side.name].append(added_ms)
            if side.is_ours:
                translated = self._count(side, "chunks", "claude")
                self._note(side, TRANSLATED, TRANSLATED_CPU, translated)
            else:
                # What a proxy does that translates nothing.
                self.figures[TRANSLATED][side.name].append(self.figures[CHUNKS][side.name][-1])
                cpu = self.figures[CHUNKS_CPU][side.name][-1]
                self.figures[TRANSLATED_CPU][side.name].append(cpu)

    def _note(self, side: Side, row: Row, cpu_row: Row, found: tuple[float, float]) -> None:
        self.figures[row][side.name].append(found[0])
        self.figures[cpu_row][side.name].append(found[1])

    def _rate(self, side: Side) -> tuple[float, float]:
        wrk = find("wrk")
        if wrk is None:
            return self._count(side, "rate", "whole")
        before = cpu_s(self.pids[side])
        rate, count = _wrk(wrk, self.script, side, LOAD_CORES)
        return rate, (cpu_s(self.pids[side]) - before) * 1e6 / count

    def _count(self, side: Side, kind: str, model: str = "chat") -> tuple[float, float]:
        """A figure by the clock, and the proxy's own work for each unit of it in microseconds."""
        before = cpu_s(self.pids[side])
        figure = _load(side, kind, model)
        return figure, (cpu_s(self.pids[side]) - before) * 1e6 / AMOUNTS[kind]


def _load(side: Side, kind: str, model: str = "chat") -> float:
    with running(side.load(kind, model), LOAD_CORES) as load:
        assert load.stdout  # noqa: S101 - asked for above
        return float(load.stdout.readline())


def _wrk(wrk: str, script: Path, side: Side, cores: str) -> tuple[float, int]:
    """Requests a second, and how many there were."""
    address = f"http://127.0.0.1:{side.whole_port}/v1/chat/completions"
    load = (wrk, "-t1", f"-c{CONNECTIONS}", f"-d{WRK_S}s", "-s", str(script), address)
    with running(load, cores) as process:
        told, _ = process.communicate()
    counted = re.search(r"(\d+) requests in ([\d.]+)s", told)
    if counted is None or "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{side.name}: {told}")
    return int(counted[1]) / float(counted[2]), int(counted[1])


@contextmanager
def _all_running(found: Sequence[Side]) -> Iterator[dict[Side, int]]:
    with ExitStack() as stack:
        pids = {}
        for side in found:
            pids[side] = stack.enter_context(running(side.command, GATEWAY_CORE)).pid
            wait_for(side.port)
        yield pids


def _ready_s(side: Side) -> float:
    started = time.perf_counter()
    with running(side.command, GATEWAY_CORE):
        wait_for(side.port)
        return time.perf_counter() - started


def _measure_alone(side: Side, figures: Figures) -> None:
    """What needs a process of its own: start, memory, and as many streams as there can be."""
    figures[READY][side.name].append(_ready_s(side) * 1000)
    with running(side.command, GATEWAY_CORE) as process:
        wait_for(side.port)
        idle = rss_bytes(process.pid)
        figures[IDLE][side.name].append(idle / 1e6)
        with running(side.load("hold"), LOAD_CORES) as holding:
            assert holding.stdout  # noqa: S101 - asked for above
            if holding.stdout.readline().strip() != "0":
                raise SystemExit(f"{side.name}: the streams did not begin")
            figures[MEMORY][side.name].append((rss_bytes(process.pid) - idle) / 1024 / HELD)


def _crowd(side: Side) -> str:
    with running(side.command, GATEWAY_CORE) as process:
        wait_for(side.port)
        with running(side.load("crowd"), LOAD_CORES) as load:
            assert load.stdout  # noqa: S101 - asked for above
            intact, most = load.stdout.readline().split() or ("0", "?")
        return f"{intact} of {most}, {rss_bytes(process.pid) / 1e6:.0f} MB afterwards"


def _two_workers(side: Side, script: Path) -> dict[str, list[float]]:
    """Requests for each second of the gateway's own work, and by the clock; one worker, then two.

    Load and service have to share the cores with the workers: the clock tells less than it should.
    """
    found: dict[str, list[float]] = defaultdict(list)
    wrk = find("wrk")
    for _ in range(RUNS):
        for workers in (1, 2):
            command = (*side.command, "--workers", str(workers))
            with running(command, ALL_CORES if workers > 1 else GATEWAY_CORE) as process:
                wait_for(side.port)
                time.sleep(1)
                before = cpu_s(process.pid)
                if wrk is not None:
                    rate, count = _wrk(wrk, script, side, ALL_CORES)
                else:
                    rate, count = _load(side, "rate", "whole"), REQUESTS
                found[f"{workers} by the clock"].append(rate)
                found[f"{workers} by work"].append(count / (cpu_s(process.pid) - before))
    return found


def _spread(values: Sequence[float], unit: str) -> str:
    digits = 2 if unit in ("ms", "us", "KiB") and median(values) < 100 else 0
    return f"{median(values):,.{digits}f}"


def _print(figures: Figures, names: Sequence[str]) -> None:
    width = max(len(row.title) for row in figures) + 5
    head = "".join(f"{name:>30}" for name in names)
    print(f"\n{'':<{width}}{head}   goal")
    for row, found in figures.items():
        cells = []
        for name in names:
            values = found.get(name, [])
            shares = [a / b for a, b in zip(values, found.get("nginx", values), strict=False) if b]
            share = (
                f"{median(shares):.2f} [{min(shares):.2f} .. {max(shares):.2f}]" if shares else ""
            )
            cell = f"{_spread(values, row.unit)} {share}" if values else "-"
            cells.append(f"{cell:>30}")
        unit = f" {row.unit}" if row.unit != "1/s" else ""
        print(f"{row.title + unit:<{width}}{''.join(cells)}   {row.goal}")


def _versions() -> str:
    packages = " ".join(f"{name} {version(name)}" for name in ("uvicorn", "uvloop", "httptools"))
    told = [f"Python {sys.version.split()[0]}", packages]
    for name, option in (("nginx", "-v"), ("haproxy", "-v"), ("wrk", "-v")):
        if program := find(name):
            ended = subprocess.run((program, option), capture_output=True, text=True, check=False)
            told.append((ended.stdout + ended.stderr).splitlines()[0])
    return "\n".join(told)


def _main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(_versions())
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}, {RUNS} runs")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        far = stack.enter_context(far_side(folder))
        found = list(sides(folder, far))
        straight = Side("straight", (), far.port, far.whole)
        with _all_running(found) as pids:
            bench = Bench(pids, straight, folder)
            bench.run()
            bench.figures.clear()
            for _ in range(RUNS):
                bench.run()
        for side in found:
            for _ in range(RUNS):
                _measure_alone(side, bench.figures)
        _print(bench.figures, [side.name for side in found])
        ours = next(side for side in found if side.is_ours)
        print(f"\n{CROWD:,} streams at once on one worker, intact: {_crowd(ours)}")
        print("\ntwo workers on two cores, as a multiple of one; the load is on both cores, too")
        two = _two_workers(ours, bench.script)
        for by, factor in (("by the clock", 1), ("by work", 2)):
            pairs = zip(two[f"2 {by}"], two[f"1 {by}"], strict=True)
            shares = [factor * more / one for more, one in pairs]
            words = f"{median(shares):.2f} [{min(shares):.2f} .. {max(shares):.2f}]"
            print(f"  {by:<14} {words}")
    print(f"\nload average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    _main()
