"""A real model in a child process: it answers, it can be given up, and it ends when we end."""

import asyncio
import os
import signal
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest
from tests.local.talk import PARIS, STORY, ask, batches, request

from dragoman.account import Account
from dragoman.errors import (
    ChatError,
    HandshakeError,
    InputError,
    MissingRequirementsError,
    ModelNotSupportedError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
    TransportError,
)
from dragoman.events import Finished, Grammar, Started, TextDelta, UsageReported
from dragoman.providers.local.child_process import death_error
from dragoman.providers.local.engine import Engine, open_engine
from dragoman.providers.local.llama import Local
from dragoman.transport.base import Limits
from dragoman.transport.line import Line, LineSettings
from dragoman.wire.http import HttpRequest

# A child loads the model in about a second, on a busy machine in several.
pytestmark = pytest.mark.timeout(120)

SCRIPT = Path(__file__).with_name("serve_script.py")
SLOTS = 4
END_S = 10.0
# Far below what four stories or four long prompts take to their end: a minute, and half of one.
FREE_S = 20.0


async def kept_engine(line: Line, model: str = "smollm2-135m") -> Engine:
    """The engine that the line has for that model."""
    return await line.keep(("local", model), lambda: open_engine(model, _never))


async def _never() -> Path:
    raise AssertionError("there should be an engine")


def child_pid(engine: Engine) -> int:
    assert engine.pid is not None
    return engine.pid


def cut_copy(model: Path, path: Path) -> Path:
    path.write_bytes(model.read_bytes()[:60_000_000])
    return path


def without_template(model: Path, path: Path) -> Path:
    path.write_bytes(
        model.read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.chat_templatX")
    )
    return path


async def gone(pid: int) -> None:
    """Returns when there is no such process, or fails in time."""
    deadline = time.monotonic() + END_S
    while alive(pid):
        assert time.monotonic() < deadline, f"process {pid} still lives"
        await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    # A zombie has ended; it is only not yet collected by whoever adopted it.
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_it_names_the_capital_of_france_word_by_word(model: Path, line: Line) -> None:
    async with aclosing(batches(line, request(PARIS, max_tokens=64))) as found:
        events = [event async for batch in found for event in batch]

    texts = [event.text for event in events if isinstance(event, TextDelta)]
    assert "Paris" in "".join(texts)
    assert len(texts) > 3
    assert isinstance(events[0], Started)
    assert (events[0].model, events[0].dropped) == ("smollm2-135m", ())
    assert isinstance(events[-2], UsageReported)
    assert events[-1] == Finished()
    Grammar().check(events)


async def test_four_at_once_are_all_answered(model: Path, line: Line) -> None:
    chats = [ask(line, request(STORY, max_tokens=24)) for _ in range(SLOTS)]

    replies = await asyncio.gather(*chats)

    assert all(reply.text for reply in replies)
    assert [reply.finish_reason for reply in replies] == ["length"] * SLOTS


async def test_answers_that_are_given_up_free_their_slots(model: Path, line: Line) -> None:
    given_up = [batches(line, request(STORY)) for _ in range(SLOTS)]
    for found in given_up:
        await anext(found)
    for found in given_up:
        await found.aclose()

    reply = await asyncio.wait_for(ask(line, request(PARIS, max_tokens=8)), FREE_S)

    assert reply.text


async def test_prompts_that_are_given_up_free_their_slots(model: Path, line: Line) -> None:
    """Reading these four takes half a minute; nobody waits for that who wants something else."""
    await ask(line, request(PARIS, max_tokens=1))
    chats = [ask(line, request(f"{n} " + "dragon " * 1900), Limits(first_token_s=0.5))
             for n in range(SLOTS)]  # fmt: skip
    given_up = await asyncio.gather(*chats, return_exceptions=True)

    reply = await asyncio.wait_for(ask(line, request(PARIS, max_tokens=8)), FREE_S)

    assert [type(error) for error in given_up] == [TimeoutError] * SLOTS
    assert reply.text


async def test_a_chat_that_is_too_long_says_how_long_it_may_be(model: Path, line: Line) -> None:
    with pytest.raises(ResponseStatusError, match=r"\d+ tokens long .* room for 2048") as caught:
        await ask(line, request("dragon " * 4000))

    assert caught.value.code == "context_length_exceeded"
    assert not caught.value.retryable


async def test_one_child_serves_all_calls_of_a_line(model: Path) -> None:
    async with Line() as line:
        await asyncio.gather(*(ask(line, request(PARIS, max_tokens=2)) for _ in range(3)))
        first = child_pid(await kept_engine(line))
        await ask(line, request(PARIS, max_tokens=2))
        second = child_pid(await kept_engine(line))

    assert first == second
    await gone(first)


async def test_a_child_that_dies_breaks_the_stream_and_is_replaced(model: Path, line: Line) -> None:
    found = batches(line, request(STORY))
    await anext(found)
    first = child_pid(await kept_engine(line))
    os.kill(first, signal.SIGKILL)

    with pytest.raises((StreamTruncatedError, TransportError)) as caught:
        async for _ in found:
            pass
    reply = await ask(line, request(PARIS, max_tokens=2))

    assert "the model's process was killed" in str(caught.value.hint)
    assert reply.text
    assert child_pid(await kept_engine(line)) != first


async def test_the_child_ends_when_its_parent_is_killed(model: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, str(SCRIPT)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    lived = alive(child)

    parent.kill()
    await parent.wait()

    assert lived
    await gone(child)


async def test_a_child_that_starts_while_the_line_closes_ends_too(model: Path) -> None:
    wanted = asyncio.Event()

    async def find() -> Path:
        await wanted.wait()
        return model

    async with open_engine("late", find) as engine:
        starting = asyncio.create_task(engine.served())
        await asyncio.sleep(0)
    wanted.set()

    with pytest.raises(TransportError, match="stopped while it was being started"):
        await starting
    assert engine.pid is None


async def test_nobody_else_can_use_the_port(model: Path, line: Line) -> None:
    """A page in a browser, or another user of the machine, knows no key and gets no answer."""
    await ask(line, request(PARIS, max_tokens=1))
    served = await (await kept_engine(line)).served()
    asked = HttpRequest(
        "POST",
        f"{served.url}/v1/chat/completions",
        {"Origin": "https://evil.example", "Connection": "close"},
        b'{"messages":[{"role":"user","content":"Hi"}]}',
    )

    async with line.transport(LineSettings()).send(asked, Limits()) as reply:
        head = reply.head

    assert head.status == 401
    assert head.headers.get("access-control-allow-origin") != "https://evil.example"


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
async def test_the_key_is_in_no_argument_and_no_environment(model: Path, line: Line) -> None:
    await ask(line, request(PARIS, max_tokens=1))
    engine = await kept_engine(line)
    key = (await engine.served()).key.reveal().encode()

    proc = Path(f"/proc/{child_pid(engine)}")

    assert key not in (proc / "cmdline").read_bytes()
    assert key not in (proc / "environ").read_bytes()


async def test_a_file_of_ones_own(model: Path, line: Line) -> None:
    reply = await ask(line, request(PARIS, model=str(model), max_tokens=4))

    assert reply.text
    assert reply.model == str(model)


async def test_a_file_without_a_chat_template_is_warned_of(
    model: Path, tmp_path: Path, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    path = without_template(model, tmp_path / "bare.gguf")

    reply = await ask(line, request(PARIS, model=str(path), max_tokens=4))

    assert reply.text
    assert "bare.gguf has no chat template" in caplog.text


async def test_a_file_that_is_no_model(tmp_path: Path, line: Line) -> None:
    path = tmp_path / "notes.gguf"
    path.write_text("hello")

    with pytest.raises(InputError, match=r"notes.gguf: not a GGUF file"):
        await ask(line, request(PARIS, model=str(path)))


async def test_a_model_that_breaks_off(model: Path, tmp_path: Path, line: Line) -> None:
    path = cut_copy(model, tmp_path / "cut.gguf")

    with pytest.raises(HandshakeError, match=r"local: start: llama.cpp cannot load .*cut.gguf"):
        await ask(line, request(PARIS, model=str(path)))


async def test_the_limit_on_the_whole_answer_holds_from_the_start(model: Path, line: Line) -> None:
    with pytest.raises(TimeoutError, match="the limit on the whole answer passed"):
        await ask(line, request(PARIS), Limits(total_s=0.05))


async def test_without_the_extra_nothing_is_fetched(
    monkeypatch: pytest.MonkeyPatch, line: Line
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)

    with pytest.raises(MissingRequirementsError, match="xllamacpp") as caught:
        await ask(line, request(PARIS))

    assert caught.value.hint == "pip install 'dragoman[local]'"


async def test_a_probe_fetches_nothing(line: Line) -> None:
    provider = Local()

    outcomes = await provider.probe(provider.call(request(PARIS), Account()), line)

    assert [(one.name, one.error) for one in outcomes] == [
        ("weights", "not fetched yet: dragoman pull smollm2-135m")
    ]


async def test_a_probe_loads_what_is_there(model: Path, line: Line) -> None:
    provider = Local()

    outcomes = await provider.probe(provider.call(request(PARIS), Account()), line)

    assert [(one.name, one.error) for one in outcomes] == [("weights", None), ("start", None)]


def test_names_of_models(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Local()
    account = Account()

    assert provider.resolve_model(None, account) == "smollm2-135m"
    assert provider.resolve_model("/a/b.gguf", account) == "/a/b.gguf"
    assert provider.resolve_model("~/b.gguf", account) == str(Path.home() / "b.gguf")
    with pytest.raises(ModelNotSupportedError, match="it has: smollm2-135m"):
        provider.resolve_model("gpt-5", account)
    monkeypatch.setenv("DRAGOMAN_LOCAL_MODEL", "/mine.gguf")
    assert provider.resolve_model("", account) == "/mine.gguf"
    assert provider.known_models(account) == ["/mine.gguf", "smollm2-135m"]


@pytest.mark.parametrize(
    ("code", "words"),
    [(-signal.SIGILL, "AVX2"), (0xC000001D, "AVX2"), (-9, "memory"), (3, "code 3")],
)
def test_a_death_is_explained(code: int, words: str) -> None:
    error: ChatError = death_error(code)

    assert words in str(error)
    assert error.hint is not None
