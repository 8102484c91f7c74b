"""Wire events of the service, as tests say them."""

import msgspec

from dragoman.events import Started

Wire = dict[str, object]

STARTED = Started("m-1", "resp_1")
RESPONSE: Wire = {"id": "resp_1", "object": "response", "model": "m-1", "status": "in_progress"}


def named(kind: str, **fields: object) -> Wire:
    return {"type": f"response.{kind}", **fields}


def at(index: int, kind: str, **fields: object) -> Wire:
    return named(kind, output_index=index, item_id=f"item_{index}", **fields)


def delta(text: str, index: int = 0, **fields: object) -> Wire:
    return at(index, "output_text.delta", content_index=0, delta=text, **fields)


def lifecycle(kind: str, **fields: object) -> Wire:
    return named(kind, response={**RESPONSE, "status": kind, **fields})


CREATED = named("created", response=RESPONSE)
COMPLETED = lifecycle("completed")


def wire(*events: Wire) -> bytes:
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (str(event["type"]).encode(), msgspec.json.encode(event))
        for event in events
    )


def thinking(index: int, part: int, text: str) -> Wire:
    return at(index, "reasoning_summary_text.delta", summary_index=part, delta=text)


HI: Wire = {"type": "output_text", "text": "Hi", "annotations": []}
MESSAGE: Wire = {"type": "message", "id": "item_0", "role": "assistant", "content": [HI]}
