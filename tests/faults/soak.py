"""A gateway under random faults: no hang, no leak, no short success, no text of two answers.

Three providers of three dialects draw faults from a seed; fifty callers ask at three faces,
streamed and whole, and some leave early. Beside them a bare client asks under the same faults.
Run by hand, as `scripts/soak [REQUESTS] [SEED]`; the same seed gives the same faults.
"""

import asyncio
import gc
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiohttp
import msgspec

from dragoman.config import Config
from tests.faults.far_side import ANSWERS, KINDS, request_text
from tests.faults.soak_report import Report
from tests.gateway.house import open_gateway
from tests.gateway.wire import WIRES, Answer, post

__all__ = ["soak"]

AT_ONCE = 50
"""So many callers; a short run has fewer, so that it measures no machine."""
SHARE = 0.31
"""Of so many attempts something goes wrong: a bare client then loses three answers of ten."""
SILENCE_S = 2.0
BARE_SILENCE_S = 4.0
"""Longer: nobody asks again for a bare client whom a busy machine makes wait."""
HEDGE_S = 0.3
"""Half of the routes ask another one beside a late one."""
HANG_S = 60.0
# Growth between a tenth of the requests and all of them: what a leak of one object each exceeds.
MOST_BYTES_A_REQUEST = 3_000
SLACK_BYTES = 24_000_000

_FACES = ("chat", "messages", "gemini")
_ROUTE = {
    "connect_s": 5.0,
    "first_token_s": SILENCE_S,
    "idle_s": SILENCE_S,
    "total_s": 20.0,
}
# It never opens, so that whom a request meets first depends on the seed alone.
_HEALTH = {"breaker_failures": 0, "breaker_error_rate": 0}
_DIALECTS = {"a": ("openai_chat", "/v1"), "b": ("anthropic_messages", ""), "c": ("gemini", "")}

Outcome = Literal["complete", "failed", "broken", "left"]


class Plan(msgspec.Struct, frozen=True):
    """What one caller does: `leaves` after so many pieces of the answer, if it does."""

    number: int
    face: str
    first: str
    version: str
    stream: bool
    leaves: int | None

    @property
    def model(self) -> str:
        return f"{self.version}{self.first}"

    @property
    def answers(self) -> list[str]:
        """The texts that are whole answers."""
        return [request_text(self.number)] if self.version == "1" else [*ANSWERS.values()]


def _plan(seed: int, number: int) -> Plan:
    dice = random.Random(f"{seed}:{number}")  # noqa: S311 - it has to give the same again
    return Plan(
        number=number,
        face=dice.choice(_FACES),
        first=dice.choice([*KINDS]),
        version=dice.choice("12"),
        stream=dice.random() < 0.7,
        leaves=dice.randint(0, 4) if dice.random() < 0.08 else None,
    )


def _delta(face: str, said: Any) -> str:
    if face == "chat":
        return "".join(one.get("delta", {}).get("content") or "" for one in said["choices"])
    if face == "messages":
        return str(said.get("delta", {}).get("text") or "")
    return _gemini(said)


def _whole(face: str, said: Any) -> str:
    if face == "chat":
        return str(said["choices"][0]["message"]["content"])
    if face == "messages":
        return "".join(part.get("text", "") for part in said["content"])
    return _gemini(said)


def _gemini(said: Any) -> str:
    parts = [part for one in said.get("candidates", ()) for part in one["content"].get("parts", ())]
    return "".join(part.get("text", "") for part in parts)


class _Soaking:
    """The callers, and what they note."""

    def __init__(self, url: str, report: Report) -> None:
        self._url = url
        self._report = report

    async def ask(self, plan: Plan) -> None:
        wire = WIRES[plan.face]
        body = wire.body(plan.model, request_text(plan.number), plan.stream)
        began = time.monotonic()
        try:
            async with (
                asyncio.timeout(HANG_S),
                post(self._url, wire.path(plan.model, plan.stream), body) as answer,
            ):
                outcome = await self._read(plan, answer)
        except TimeoutError:
            self._wrong(plan, "it hung")
            outcome = "failed"
        except (OSError, EOFError) as error:
            self._wrong(plan, f"no answer at all: {error!r}")
            outcome = "failed"
        if outcome == "complete":
            self._report.times.append(time.monotonic() - began)
        self._report.outcomes[outcome] += 1
        self._report.streams[outcome] += plan.stream

    async def _read(self, plan: Plan, answer: Answer) -> Outcome:
        if plan.leaves == 0:
            await asyncio.sleep(0)
            return "left"
        await answer.read_head()
        self._report.attempts += int(answer.headers.get("x-dragoman-attempts", 0))
        if answer.status != 200:
            self._report.statuses[answer.status] += 1
            if "error" not in await answer.json():
                self._wrong(plan, "an error without words")
            return "failed"
        if not plan.stream:
            self._check_whole(plan, _whole(plan.face, await answer.json()))
            return "complete"
        if plan.leaves is not None:
            chunks = answer.chunks()
            for _ in range(plan.leaves):
                await anext(chunks, b"")
            return "left"
        return self._check_stream(plan, await answer.said(), whole=answer.whole)

    def _check_stream(self, plan: Plan, said: list[Any], *, whole: bool) -> Outcome:
        is_error = WIRES[plan.face].error
        text = "".join(_delta(plan.face, one) for one in said if not is_error(one))
        story = said[-1].get("dragoman", {}) if said else {}
        self._note_story(story)
        if whole:
            if any(is_error(one) for one in said):
                self._wrong(plan, "an error that ends well")
            self._check_whole(plan, text)
            return "complete"
        if not any(is_error(one) for one in said):
            self._wrong(plan, f"a cut without a word of it, after {text!r}")
        elif story.get("text") != text:
            self._wrong(plan, f"{story.get('text')!r} is said to be the text, and it is {text!r}")
        if not any(answer.startswith(text) for answer in plan.answers):
            self._wrong(plan, f"spliced: {text!r}")
        return "broken"

    def _note_story(self, story: Mapping[str, Any]) -> None:
        tried = story.get("attempts", ())
        self._report.attempts += max(0, len(tried) - 1)
        if story.get("rescued"):
            broken = next(one for one in tried if one["outcome"] == "failed")
            where = "the same" if broken["provider"] == story["provider"] else "another"
            self._report.rescues[f"{story['rescued']} by {where} provider"] += 1

    def _check_whole(self, plan: Plan, text: str) -> None:
        if text not in plan.answers:
            short = any(answer.startswith(text) for answer in plan.answers)
            self._wrong(plan, f"{'a short success' if short else 'spliced'}: {text!r}")

    def _wrong(self, plan: Plan, what: str) -> None:
        self._report.wrong.append(f"{plan.number} {plan.face} {plan.model}: {what}")


async def _bare(session: aiohttp.ClientSession, url: str, number: int, report: Report) -> None:
    """One request as a program without any care would send it."""
    body = WIRES["chat"].body("mock-model", request_text(number), True)
    began, text, ended = time.monotonic(), "", False
    try:
        async with session.post(f"{url}/v1/chat/completions", json=body) as answer:
            async for line in answer.content:
                if line.startswith(b"data: {"):
                    text += _delta("chat", json.loads(line[6:]))
                ended = ended or line.startswith(b"data: [DONE]")
    except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError, TimeoutError):
        ended = False
    is_complete = ended and text == request_text(number)
    report.bare["complete" if is_complete else "lost"] += 1
    if is_complete:
        report.bare_times.append(time.monotonic() - began)


@asynccontextmanager
async def _far_side(seed: int, report: Report) -> AsyncIterator[dict[str, str]]:
    command = [sys.executable, "-m", "tests.faults.far_side", str(seed), str(SHARE)]
    far = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=2**28
    )
    assert far.stdin is not None
    assert far.stdout is not None
    try:
        yield json.loads(await far.stdout.readline())
    finally:
        far.stdin.close()
        said = await far.stdout.readline()
        await far.wait()
    told = json.loads(said)
    report.drawn = told["drawn"]
    report.digest = _digest(report, told["first"])
    if told["answers"]:
        report.wrong.append(f"{told['answers']} upstream answers are still under way")
    if told["complaints"]:
        report.wrong.append(f"a provider complains: {told['complaints']}")


def _digest(report: Report, met: Mapping[str, str]) -> str:
    """Of what each request asks, and of the fault that it meets first."""
    rows = []
    for number in range(report.requests):
        plan = _plan(report.seed, number)
        # One who leaves may go before anybody is asked, and a rival be quicker than the first.
        is_met = plan.leaves is None and plan.version == "1"
        fault = met.get(f"{plan.first}{plan.version} {number}", "?") if is_met else ""
        rows.append((plan, fault))
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()


def _config(urls: Mapping[str, str]) -> Config:
    providers = {}
    for name, url in urls.items():
        dialect, path = _DIALECTS[name[0]]
        providers[name] = {
            "dialect": dialect,
            "base_url": url + path,
            "api_key": "any-key",
            "models": ["mock-model"],
        }
    routes = {}
    for version in "12":
        for first in KINDS:
            line = [first, *(name for name in KINDS if name != first)]
            candidates = [f"{name}{version}/mock-model" for name in line]
            hedging = {"hedge_after_s": HEDGE_S} if version == "2" else {}
            routes[f"{version}{first}"] = {**_ROUTE, **hedging, "candidates": candidates}
    return Config.of(providers, gateway={"log": False}, routes=routes, health=_HEALTH)


def _rss_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def _open_sockets() -> int:
    folder = Path("/proc/self/fd")
    links = [os.readlink(entry) for entry in folder.iterdir() if entry.is_symlink()]
    return sum(link.startswith("socket:") for link in links)


def _tasks() -> int:
    """How many there are, but for those that are only the wait of another one."""
    names = (getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())
    return sum(name != "Event.wait" for name in names)


async def _settled(count: Any, most: int) -> int:
    """What is counted, once it is as low as `most`, or after half a minute."""
    ends_at = time.monotonic() + 30
    while (found := int(count())) > most and time.monotonic() < ends_at:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.02)
    return found


def _at_once(report: Report) -> int:
    return min(AT_ONCE, 1 + report.requests // 20)


async def _work(soaking: _Soaking, plans: Iterator[Plan]) -> None:
    for plan in plans:
        await soaking.ask(plan)


async def _run_all(soaking: _Soaking, report: Report) -> None:
    tenth = report.requests // 10
    began = time.monotonic()
    for start, stop in ((0, tenth), (tenth, report.requests)):
        plans = iter([_plan(report.seed, number) for number in range(start, stop)])
        await asyncio.gather(*(_work(soaking, plans) for _ in range(_at_once(report))))
        gc.collect()
        report.grown_bytes = _rss_bytes() - report.grown_bytes
    report.seconds = time.monotonic() - began


async def _run_bare(url: str, report: Report) -> None:
    numbers = iter(range(10**6, 10**6 + max(100, report.requests // 4)))
    timeout = aiohttp.ClientTimeout(total=30, sock_read=BARE_SILENCE_S)
    connector = aiohttp.TCPConnector(limit=0)
    key = {"authorization": "Bearer any-key"}
    async with aiohttp.ClientSession(timeout=timeout, connector=connector, headers=key) as session:

        async def work() -> None:
            for number in numbers:
                await _bare(session, url, number, report)

        await asyncio.gather(*(work() for _ in range(_at_once(report))))


async def soak(requests: int, seed: int) -> Report:
    """Run it; takes some 10 ms a request."""
    report = Report(requests, seed, times=[], bare_times=[], wrong=[])
    async with _far_side(seed, report) as urls:
        tasks, sockets = _tasks(), _open_sockets()
        async with open_gateway(_config(urls)) as (url, _):
            serving = _tasks()
            await _run_all(_Soaking(url, report), report)
            # A connection that waits for its next request is no leak: each of them has been left.
            if (left := await _settled(_tasks, serving)) > serving:
                report.wrong.append(f"{left - serving} tasks are left: {asyncio.all_tasks()}")
        if (left := await _settled(_tasks, tasks)) > tasks:
            report.wrong.append(f"{left - tasks} tasks are left after the end")
        if (left := await _settled(_open_sockets, sockets)) > sockets:
            report.wrong.append(f"{left - sockets} sockets are left after the end")
        await _run_bare(urls["a1"], report)
    if report.grown_bytes > SLACK_BYTES + requests * MOST_BYTES_A_REQUEST:
        report.wrong.append(f"memory has grown by {report.grown_bytes} bytes")
    return report


def _main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    requests, seed = (given + [10_000, 1][len(given) :])[:2]
    report = asyncio.run(soak(requests, seed))
    print("\n".join(report.lines()))  # noqa: T201 - the report
    sys.exit(bool(report.wrong))


if __name__ == "__main__":
    _main()
