"""Any chat, any answer, any stream, of what the given tables carry and nothing else.

`requests`, `replies` and `event_streams` take one or more tables (`SAYS`, `TELLS`): with several,
only what all of them carry is drawn, so that a value may go through all of those dialects. What
they draw is legal, and whole: every tool call has its result, every name and id is there once.
What differs on a wire and means the same is brought to one form by `normal_request`,
`normal_reply` and `normal_events`.
"""

import msgspec
from hypothesis import strategies as st

from dragoman.chat import ChatReply, ChatRequest
from dragoman.events import Event
from tests.law.drawn_replies import reply, stream
from tests.law.drawn_requests import request
from tests.law.normal import normal_events, normal_reply, normal_request
from tests.law.shape import Carries, Shape, Table

__all__ = [
    "Shape",
    "event_streams",
    "normal_events",
    "normal_reply",
    "normal_request",
    "replies",
    "requests",
]


def requests(*says: Table, **shape: object) -> st.SearchStrategy[ChatRequest]:
    """Any chat that all these tables carry; the keywords are the fields of `Shape`."""
    return request(Carries(says, msgspec.convert(shape, Shape)))


def replies(*tells: Table, **shape: object) -> st.SearchStrategy[ChatReply]:
    """Any whole answer that all these tables carry; the keywords are the fields of `Shape`."""
    return reply(Carries(tells, msgspec.convert(shape, Shape)))


def event_streams(*tells: Table, **shape: object) -> st.SearchStrategy[list[Event]]:
    """Any legal stream, to its end, that all these tables carry; with the fields of `Shape`."""
    return stream(Carries(tells, msgspec.convert(shape, Shape)))
