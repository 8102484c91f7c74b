"""The law between dialects: what both can say arrives, asked and answered, through both of them.

A program that speaks one dialect asks a provider that speaks another: the request is heard by the
first's server half and said by the second's client half, the answer comes the other way.
"""

from collections.abc import Sequence
from itertools import permutations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Dialect, Stamp
from dragoman.dialects.signatures import own
from dragoman.dialects.table import DIALECTS, load_dialect
from dragoman.events import Event, Finished
from dragoman.features import CARRIED, Carried, fit, used
from dragoman.gathered import Gathered
from dragoman.messages import (
    Document,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.tools import JsonSchema, Output
from tests.law.shape import Table
from tests.law.strategies import event_streams, normal_events, normal_request, requests
from tests.unit.dialects import kit

FIVE = [name for name in DIALECTS if name != "ollama_generate"]
PAIRS = list(permutations(FIVE, 2))
FEW = settings(max_examples=20 if settings.default.max_examples <= 100 else 1000)  # type: ignore[union-attr]  # there is always a default profile
"""Of twenty pairs each has its share: a thousand with `scripts/check --thorough`."""

# A thousand take longer than any other test may.
pytestmark = pytest.mark.timeout(max(20, FEW.max_examples // 4))

STAMP = Stamp("made", 0.0)
ASKED = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),), stream=True)

AS_IT_WAS = frozenset(
    {
        *("temperature", "seed", "image", "parallel_tool_calls", "json_schema"),
        *("reasoning_effort", "reasoning_summary"),
    }
)
"""What some dialect says in its own way, and so that it comes back."""


def both(pair: tuple[str, str]) -> tuple[Dialect, Dialect]:
    return load_dialect(pair[0]), load_dialect(pair[1])


def said_and_heard(dialect: Dialect, chat: ChatRequest) -> ChatRequest:
    """The chat as a program that speaks the dialect would have it understood."""
    fitted, dropped = fit(chat, dialect.name, dialect.says, dialect.name)
    assert not dropped
    body = msgspec.json.encode(dialect.encode_request(fitted))
    # The rest is what each wire must have and the chat did not say: a limit, a wish for the proof.
    heard = dialect.decode_request(body, model=chat.model, stream=chat.stream)
    limit = heard.max_tokens if chat.max_tokens is not None else None
    # To ask Ollama for thoughts is to ask to see them.
    summary = chat.reasoning_summary if dialect.name == "ollama" else heard.reasoning_summary
    return msgspec.structs.replace(heard, max_tokens=limit, reasoning_summary=summary, native=None)


def plain(pair: tuple[str, str], chat: ChatRequest) -> ChatRequest:
    """What the two dialects take for the same; thoughts go with the proof of them, if at all."""
    loose = "ollama" in pair
    chat = msgspec.structs.replace(chat, output=opened(chat.output))
    return normal_request(chat, reasoning=False, ids=not loose, texts_first=loose)


def opened(output: Output | None) -> Output | None:
    """Anthropic takes only schemas whose objects have nothing that is not listed."""
    if not isinstance(output, JsonSchema):
        return output
    named = {name: of for name, of in output.schema.items() if name != "additionalProperties"}
    return msgspec.structs.replace(output, schema=named)


def heard_by(dialect: Dialect) -> ChatRequest:
    """What a face hears where our own client half asks: with the wish for the usage."""
    body = msgspec.json.encode(dialect.encode_request(ASKED))
    return dialect.decode_request(body, model=ASKED.model, stream=True)


def answered(dialect: Dialect, events: list[Event]) -> list[Event]:
    """The answer as a program hears it through the dialect."""
    body = dialect.encoder(heard_by(dialect), STAMP).feed(events)
    return kit.heard(dialect.decoder("m"), body)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@FEW
@given(data=st.data())
def test_what_both_can_ask_arrives(pair: tuple[str, str], data: st.DataObject) -> None:
    first, second = both(pair)
    chat = data.draw(requests(first.says, second.says, also=AS_IT_WAS, one_text="ollama" in pair))

    heard = said_and_heard(second, said_and_heard(first, chat))

    assert plain(pair, heard) == plain(pair, chat)


def asked(*parts: Part, **fields: object) -> ChatRequest:
    return ChatRequest(model="m", messages=(Message("user", parts),), **fields)  # type: ignore[arg-type]  # options of many types


FOUND = {
    "a paper without a name": asked(Document(content=b"%PDF-1.7", media_type="application/pdf")),
    "thoughts that are shown": asked(Text("hi"), reasoning_effort="low"),
    "likelihoods alone": asked(Text("hi"), logprobs=0),
}
"""Chats that did not arrive at first."""


@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_what_once_was_lost_arrives(pair: tuple[str, str], found: str) -> None:
    first, second = both(pair)
    chat = FOUND[found]
    features = {name for name, _ in used(chat)}
    if any(not features <= drawn(dialect.says, AS_IT_WAS) for dialect in (first, second)):
        return

    heard = said_and_heard(second, said_and_heard(first, chat))

    assert plain(pair, heard) == plain(pair, chat)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@FEW
@given(data=st.data())
def test_what_both_can_tell_arrives(pair: tuple[str, str], data: st.DataObject) -> None:
    first, second = both(pair)
    tells = (first.tells, second.tells)
    events = data.draw(event_streams(*tells, also=frozenset({"tool_deltas"})))

    heard = answered(second, answered(first, events))

    how = {"ids": "ollama" not in pair, "ordered": True}
    expected = refusals(normal_events(events, *tells, **how))
    assert refusals(normal_events(heard, *tells, **how)) == expected


def refusals(events: list[Event]) -> list[Event]:
    """Some wires have one end for all refusals, others have none for them."""
    if any(type(event).__name__ == "RefusalDelta" for event in events):
        return [*events[:-1], Finished("content_filter")]
    return events


PROVING = [pair for pair in PAIRS if "ollama" not in pair]
"""Those that have room for a proof; Ollama has none."""


@pytest.mark.parametrize("pair", PROVING, ids="-".join)
@FEW
@given(data=st.data())
def test_a_proof_of_reasoning_travels_through_the_other_dialect_unharmed(
    pair: tuple[str, str], data: st.DataObject
) -> None:
    """The program speaks the first, the provider the second and wants its own proof back."""
    first, second = both(pair)
    # Anthropic has no place for the proof of a call: only its own programs bring one back.
    calls = all(dialect.tells["tool_signature"] == CARRIED for dialect in (first, second))
    events = data.draw(
        event_streams(
            second.tells,
            signer=second.name,
            always=frozenset({"signature"}),
            without=frozenset({"choices"} if calls else {"choices", "tool_signature"}),
            mapped=True,
        )
    )
    streamed = data.draw(st.booleans())

    told = told_to(first, events, streamed=streamed)
    turns = (*ASKED.messages, told.message, *results(told.message), *ASKED.messages)
    chat = msgspec.structs.replace(ASKED, messages=turns)
    back = first.decode_request(msgspec.json.encode(first.encode_request(chat)), model="m")
    sent = msgspec.json.encode(second.encode_request(fit(back, "", second.says, second.name)[0]))

    given_out = proofs([whole(events).message], second.name)
    assert proofs(back.messages, second.name) == given_out
    assert all(proof.encode() in sent for proof in given_out)


def told_to(first: Dialect, events: list[Event], *, streamed: bool) -> ChatReply:
    """The answer as the program keeps it for the next turn."""
    if streamed:
        return whole(answered(first, events))
    return first.decode_reply(first.encode_reply(whole(events), heard_by(first), STAMP), "m")


def whole(events: list[Event]) -> ChatReply:
    gathered = Gathered()
    gathered.add(events)
    return gathered.reply()


def results(message: Message) -> tuple[Message, ...]:
    calls = [part.id for part in message.parts if isinstance(part, ToolCall)]
    given_back = tuple(ToolResult(call, (Text("done"),)) for call in calls)
    return (Message("tool", given_back),) if given_back else ()


def proofs(messages: Sequence[Message], dialect: str) -> list[str]:
    """Sorted: a message of some dialects has one place for all thoughts."""
    parts = [part for message in messages for part in message.parts]
    signed = [part for part in parts if isinstance(part, Reasoning | ToolCall)]
    return sorted(proof for part in signed if (proof := own(dialect, part.signature)))


def test_every_pair_has_something_to_say() -> None:
    """What the properties rest on: tables with nothing in common would pass them all."""
    for pair in PAIRS:
        asked = [drawn(dialect.says, AS_IT_WAS) for dialect in both(pair)]
        told = [drawn(dialect.tells, frozenset()) for dialect in both(pair)]

        assert {"temperature", "tools", "system", "image"} <= set.intersection(*asked)
        assert {"reasoning", "tool_calls", "length", "usage"} <= set.intersection(*told)


def drawn(table: Table, also: frozenset[str]) -> set[str]:
    return {name for name, how in table.items() if isinstance(how, Carried) or name in also}
