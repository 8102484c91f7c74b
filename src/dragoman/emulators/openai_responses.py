"""OpenAI's Responses: from a request to its answer, and what is stored for the next turn.

A response is stored unless `store` is false; then its id continues the conversation, and its items
may be named by their ids alone.
Source: OpenAI API reference, "Responses" and "Conversation state", read 2026-11-21.
"""

from dragoman.emulators.knob import ApiKnobs
from dragoman.emulators.openai_errors import RefusedError
from dragoman.emulators.openai_models import CREATED
from dragoman.emulators.openai_responses_checks import (
    check_body,
    read_tools,
    responses_ask,
    responses_notes,
)
from dragoman.emulators.openai_responses_items import check_items, read_items
from dragoman.emulators.openai_responses_output import Made, finished_items, response
from dragoman.emulators.openai_responses_request import RawItem, ResponsesBody
from dragoman.emulators.openai_responses_stream import events
from dragoman.emulators.openai_turn import decide
from dragoman.emulators.service import Reply, Request, event_stream, json_reply

__all__ = ["Responses"]


class Responses:
    """The responses of one emulator."""

    def __init__(self) -> None:
        """Nothing stored yet."""
        self._turns: dict[str, tuple[RawItem, ...]] = {}
        self._items: dict[str, RawItem] = {}

    def answer(
        self, request: Request, body: ResponsesBody, knobs: ApiKnobs, *, number: int
    ) -> Reply:
        """The reply to one request, whole or as a stream; `number` makes its ids.

        Raises:
            RefusedError: the service would not take the request.
        """
        check_body(request, body)
        earlier = self._earlier(body.previous_response_id)
        new = tuple(self._found(item) for item in _listed(body))
        tools = read_tools(request, body)
        known = read_items(request, earlier, "stored")
        items = read_items(request, new, "input")
        check_items(known, items, self._items)
        for name, note in responses_notes(body, items, tools).items():
            request.note(name, note)
        made = Made(
            number=number,
            created=CREATED,
            body=body,
            raw=dict(request.form),
            answer=decide(responses_ask(body, [*known, *items], tools), knobs),
            error=None if body.stream else knobs.error_event,
        )
        if body.store is not False:
            self._store(made, (*earlier, *new))
        return event_stream(events(made)) if body.stream else json_reply(_whole(made))

    def _earlier(self, name: str | None) -> tuple[RawItem, ...]:
        """The turns that a stored response continues."""
        if name is None:
            return ()
        if name not in self._turns:
            text = f"Previous response with id '{name}' not found."
            raise RefusedError(text, "previous_response_id", code="previous_response_not_found")
        return self._turns[name]

    def _found(self, item: RawItem) -> RawItem:
        """The stored item that a reference names; any other item, and a wrong name, as it is."""
        kind = item.get("type", None if "role" in item else "item_reference")
        return self._items.get(str(item.get("id")), item) if kind == "item_reference" else item

    def _store(self, made: Made, before: tuple[RawItem, ...]) -> None:
        items = finished_items(made)
        self._turns[made.id] = (*before, *items)
        self._items |= {item["id"]: item for item in items}


def _listed(body: ResponsesBody) -> tuple[RawItem, ...]:
    if isinstance(body.input, str):
        return ({"type": "message", "role": "user", "content": body.input},)
    return body.input or ()


def _whole(made: Made) -> RawItem:
    return response(made, made.ending[0])
