"""A service's quirks in a request: each is data of its row, and what is not named stays."""

from typing import Any

from dragoman.chat import ChatRequest
from dragoman.features import HINT, Hint, fit
from dragoman.messages import Message, Reasoning, Text
from dragoman.providers.api.quirks import shaped
from dragoman.providers.api.service import Service


def row(**quirks: Any) -> Service:
    return Service(name="fable", title="Fable", base_url="https://x", docs="", **quirks)


def chat(*more: Message, **options: Any) -> ChatRequest:
    asked = Message("user", (Text("Hi"),))
    return ChatRequest(model="m", messages=(asked, *more), **options)


def encoded(asked: ChatRequest) -> dict[str, object]:
    """A dialect of few fields."""
    body: dict[str, object] = {"model": asked.model, "messages": [_turn(m) for m in asked.messages]}
    for name in ("seed", "max_tokens", "reasoning_effort", "reasoning_budget"):
        if (value := getattr(asked, name)) is not None:
            body[name] = value
    return body


def _turn(message: Message) -> dict[str, object]:
    return {"role": message.role, "parts": len(message.parts)}


def sent(service: Service, asked: ChatRequest) -> dict[str, object]:
    body = shaped(service, asked, encoded)
    return {name: value for name, value in body.items() if name not in ("model", "messages")}


def test_a_row_without_quirks_sends_what_the_dialect_says() -> None:
    asked = chat(seed=7)

    assert shaped(row(), asked, encoded) == encoded(asked)


def test_a_renamed_field_has_its_name_here() -> None:
    service = row(renames={"seed": "random_seed"})

    assert sent(service, chat(seed=7, max_tokens=9)) == {"random_seed": 7, "max_tokens": 9}


def test_a_dot_leads_into_an_object_which_keeps_its_other_fields() -> None:
    service = row(
        adds={"reasoning": {"exclude": False}},
        renames={"reasoning_effort": "reasoning.effort", "max_tokens": "reasoning.max_tokens"},
    )

    body = sent(service, chat(reasoning_effort="low", max_tokens=9))

    assert body == {"reasoning": {"exclude": False, "effort": "low", "max_tokens": 9}}
    assert service.adds == {"reasoning": {"exclude": False}}


def test_an_object_takes_the_place_of_what_is_none() -> None:
    service = row(adds={"reasoning": "auto"}, renames={"reasoning_effort": "reasoning.effort"})

    assert sent(service, chat(reasoning_effort="low")) == {"reasoning": {"effort": "low"}}


def test_an_option_that_is_taken_goes_there_and_not_to_the_dialect() -> None:
    service = row(
        takes=frozenset({"top_k", "reasoning_budget"}),
        renames={"reasoning_budget": "thinking_budget"},
    )

    assert sent(service, chat(reasoning_budget=64)) == {"thinking_budget": 64}
    assert sent(service, chat(top_k=5)) == {"top_k": 5}


def test_a_word_is_said_in_the_fields_that_stand_for_it_and_others_as_they_are() -> None:
    service = row(words={"reasoning_effort": {"none": {"thinking.type": "disabled"}}})

    assert sent(service, chat(reasoning_effort="none")) == {"thinking": {"type": "disabled"}}
    assert sent(service, chat(reasoning_effort="high")) == {"reasoning_effort": "high"}


def test_what_it_does_not_bear_is_left_out() -> None:
    assert sent(row(leaves_out=frozenset({"seed"})), chat(seed=7)) == {}


def test_what_the_caller_says_wins_over_what_is_added() -> None:
    service = row(adds={"seed": 1, "safe": True})

    assert sent(service, chat(seed=7)) == {"seed": 7, "safe": True}


def test_thoughts_stay_here_where_they_are_a_hint() -> None:
    answer = Message("assistant", (Reasoning("Hm"), Text("Yes")))
    thought = Message("assistant", (Reasoning("Hm"),))
    asked = chat(answer, thought, Message("user", (Text("And?"),)))

    kept = shaped(row(), asked, encoded)["messages"]
    service = row(says={"reasoning": Hint("no place")})
    fitted, _ = fit(asked, service.name, service.says)
    without = shaped(service, fitted, encoded)["messages"]

    assert kept == [
        {"role": "user", "parts": 1},
        {"role": "assistant", "parts": 2},
        {"role": "assistant", "parts": 1},
        {"role": "user", "parts": 1},
    ]
    assert without == [
        {"role": "user", "parts": 1},
        {"role": "assistant", "parts": 1},
        {"role": "user", "parts": 1},
    ]


def test_a_begun_answer_is_marked_and_nothing_else_is() -> None:
    service = row(prefill_mark="partial", says={"user": HINT})
    begun = chat(Message("assistant", (Text("Once"),)))

    marked = shaped(service, begun, encoded)["messages"]

    assert marked == [
        {"role": "user", "parts": 1},
        {"role": "assistant", "parts": 1, "partial": True},
    ]
    assert shaped(service, chat(), encoded)["messages"] == [{"role": "user", "parts": 1}]


def test_a_dialect_without_a_list_of_messages_has_nothing_to_mark() -> None:
    service = row(prefill_mark="partial")
    begun = chat(Message("assistant", (Text("Once"),)))

    assert shaped(service, begun, lambda _: {"messages": "all of it"}) == {"messages": "all of it"}
