"""A relayed stream watched on its way: what may be passed on, how it ends, and what it used.

The dialect's decoder reads every event but those that differ from the one that it read last in a
text alone (`template`): of these nothing is decoded, and nothing they could say would change what
the decoder knows. So both always agree on the end, the finish reason, the usage and the errors.
Whatever is unusual is simply decoded. Only whole events that the decoder takes and that are UTF-8
are passed on; a line of a stream that is no field of an event is left out.
Pure: no I/O, no clock. However the bytes are cut, the same is passed on in the end.
"""

import contextlib
import re
from collections.abc import Callable, Iterable

from dragoman.dialects.dialect import StreamDecoder
from dragoman.dialects.failures import senseless
from dragoman.errors import ChatError, ResponseError
from dragoman.events import (
    Event,
    Finished,
    NativeReported,
    OtherChoice,
    Started,
    TextDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.wire.sse import MAX_EVENT_BYTES
from dragoman.wire.watch.kept import Kept
from dragoman.wire.watch.learner import DELTAS, Learner, Lesson
from dragoman.wire.watch.shapes import Shape
from dragoman.wire.watch.template import Template

__all__ = ["MAX_KEPT_BYTES", "Scanner"]

MAX_KEPT_BYTES = 4 * 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_FIELD = rb"(?:data|event|id|retry)?(?::[^\r\n]*)?"
_FIELDS = re.compile(rb"(?:%b(?:\r\n|\n|\r))*(?:%b)" % (_FIELD, _FIELD))
_DATA = re.compile(rb"^data:[ \t]*\S", re.MULTILINE)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_LINE_END = re.compile(rb"\r\n?")
# The longest end of an event has four bytes, of which three may be there.
_END_BYTES = 4
# How often a template is tried in vain in one read.
_MISSES = 4
# They bring something of the answer, as the deltas do.
_WORDS = (NativeReported, OtherChoice, ToolCallStarted)


class Scanner:
    """One stream's. `make_decoder` gives the decoder that the stream would have without us.

    `edit` takes out of whole events what only we asked for: an event, or one piece of each event,
    the same in all and with a quote in it. `lesson` is what streams like this one have taught.
    """

    __slots__ = (
        "_begun",
        "_decoder",
        "_edit",
        "_kept",
        "_learner",
        "_make_decoder",
        "_mark",
        "_searched",
        "_shape",
        "_skipped",
        "_tail",
        "_template",
        "_usage",
        "error",
        "finished",
        "has_content",
        "has_text",
        "last",
        "over",
        "started",
        "unpassed",
    )

    def __init__(
        self,
        shape: Shape,
        make_decoder: Callable[[], StreamDecoder],
        *,
        edit: Callable[[bytes], bytes] | None = None,
        lesson: Lesson | None = None,
        max_kept_bytes: int = MAX_KEPT_BYTES,
    ) -> None:
        self._shape = shape
        self._mark = b"\n\n" if shape.is_sse else b"\n"
        self._make_decoder = make_decoder
        self._decoder = make_decoder()
        self._edit = edit
        self._kept = Kept(max_kept_bytes)
        self._tail = bytearray()
        # Up to where the tail is known to have no event's end.
        self._searched = 0
        self._template: Template | None = None
        self._skipped = b""
        self._begun = False
        self._learner = Learner(shape, lesson)
        self._usage: Usage | None = None
        self.over = False
        """Whether the answer has ended, well or not; nothing is passed on any more."""
        self.error: ChatError | None = None
        """Why it has not ended well; what was passed on stood before that."""
        self.finished: Finished | None = None
        self.started: Started | None = None
        self.has_content = False
        """Whether a text, thought, refusal, tool call or another piece has come."""
        self.has_text = False
        self.last = b""
        """The last event that was passed on."""
        self.unpassed: list[Event] = []
        """The answer, where one in one piece stood in place of a stream: its bytes are no stream's.

        It is there after `close`; somebody has to say it as a stream, with its end.
        """

    @property
    def skipped(self) -> int:
        """How many broken events were left out that say nothing of the answer."""
        return self._decoder.skipped

    @property
    def usage(self) -> Usage | None:
        """What the service counted up to now."""
        self._catch_up()
        return self._usage

    def feed(self, chunk: bytes) -> bytes:
        """What may be passed on now; never raises, see `error`."""
        if self.over:
            return b""
        if self._tail:
            self._tail += chunk
            if self._shape.event_end.search(self._tail, self._searched) is None:
                self._wait()
                return b""
            chunk = bytes(self._tail)
            self._tail.clear()
        template = self._template
        if template is not None:
            said = template.one(chunk)
            if said is not None:
                if template.surplus:
                    return self._repeated(template, said, chunk, chunk)
                # As that does it: most reads of a slow stream end here.
                self._learner.in_vain = 0
                self._kept.add_texts(template, said)
                self.last = chunk
                if template.has_counts:
                    self._skipped = chunk
                return chunk
        return self._read(chunk)

    def close(self) -> bytes:
        """What may be passed on at the end of the body, with the end that the dialect promises.

        An error then, if the answer had not ended: `error` says which.
        """
        if self.over:
            return b""
        self.over = True
        event = bytes(self._tail)
        self._tail.clear()
        passed = self._decoded(event, is_last=True)
        if self.error is not None or self.unpassed:
            return b""
        if passed.strip():
            passed = passed.rstrip(b"\r\n") + (b"\n\n" if self._shape.is_sse else b"\n")
        end = self._shape.end
        return passed if passed.endswith(end) else passed + end

    def events_so_far(self) -> list[Event] | None:
        """What was passed on, as events, without the end of a body that had no other end.

        Neighbouring deltas of one kind come as one. None if it was more than was to be kept.
        """
        kept = self._kept.events()
        return None if kept is None else self._make_decoder().feed(kept)

    def _read(self, text: bytes) -> bytes:
        """What of these bytes may be passed on; the begin of an event is kept for later."""
        pieces: list[bytes] = []
        at = misses = 0
        size, mark, is_plain = len(text), self._mark, b"\r" not in text
        mark_bytes = len(mark)
        while not self.over:
            template = self._template
            if template is not None and misses < _MISSES:
                run = template.match(text, at)
                if run is not None:
                    events, last = text[at : run.end], text[run.last_at : run.end]
                    pieces.append(self._repeated(template, run.said, events, last))
                    at = run.end
                    if at == size:
                        break
                    continue
                misses += 1
            if is_plain:
                end = text.find(mark, at) + mark_bytes
                is_whole = end >= at + mark_bytes
            else:
                found = self._shape.event_end.search(text, at)
                end, is_whole = (found.end(), True) if found is not None else (0, False)
            if not is_whole:
                self._tail += text[at:]
                self._wait()
                break
            pieces.append(self._decoded(text[at:end]))
            at = end
            if at == size:
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _wait(self) -> None:
        """For the rest of an event."""
        if len(self._tail) > MAX_EVENT_BYTES:
            self._tail.clear()
            self._fail(ResponseError(f"an event of the reply exceeds {MAX_EVENT_BYTES} bytes"))
        self._searched = max(0, len(self._tail) - _END_BYTES + 1)

    def _repeated(
        self, template: Template, said: tuple[bytes, ...], events: bytes, last: bytes
    ) -> bytes:
        """Events that say more of the same, as they are passed on."""
        self._learner.in_vain = 0
        self._kept.add_texts(template, said)
        self.last = last
        if template.has_counts:
            self._skipped = last
        return events.replace(template.surplus, b"") if template.surplus else events

    def _catch_up(self) -> None:
        """Have the decoder read the last event that was passed over, if it has counts."""
        if self._skipped:
            event, self._skipped = self._skipped, b""
            self._note(self._decoder.feed(event))

    def _decoded(self, event: bytes, *, is_last: bool = False) -> bytes:
        """What of an event may be passed on, when the decoder has read it."""
        if self._skipped:
            self._catch_up()
        self._template = None
        # A decoder would wait whether a carriage return is a whole line end. It is known here.
        is_known = event[-1:] == b"\r" and not is_last
        read = _LINE_END.sub(b"\n", event) if is_known else event
        decoder = self._decoder
        skipped = decoder.skipped
        try:
            sound = self._sound(event)
            events = self._heard(read, is_last=is_last)
        except ChatError as error:
            self._fail(error)
            return b""
        if decoder.skipped > skipped:
            # It is broken, and says nothing of the answer: nobody is to read it.
            sound = b""
        self._kept.add(read)
        is_said = events and not is_last
        if is_said or not self._shape.is_sse or _DATA.search(event):
            self.last = event
        passed = self._edit(sound) if self._edit and sound else sound
        if self.finished is not None:
            self.over = True
            if is_last and isinstance(events[0], Started) and not sound.strip():
                self.unpassed = events
        elif passed and sound is event is read:
            self._template = self._learner.learn(event, events, passed)
        return passed

    def _heard(self, event: bytes, *, is_last: bool) -> list[Event]:
        decoder = self._decoder
        events = decoder.feed(event)
        if events:
            self._note(events)
        if self.finished is None and (is_last or decoder.broken is not None):
            # An error that stands behind the events of this one is raised now.
            rest = decoder.close() if is_last else decoder.feed(b"")
            self._note(rest)
            events = [*events, *rest]
        return events

    def _note(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case UsageReported(usage):
                    self._usage = usage
                case Started():
                    self.started = event
                case Finished():
                    self.finished = event
                case TextDelta():
                    self.has_text = self.has_content = True
                case _:
                    if type(event) in DELTAS or isinstance(event, _WORDS):
                        self.has_content = True

    def _sound(self, event: bytes) -> bytes:
        """The event without lines that are none of it; `ResponseError` if it is not UTF-8."""
        if not self._begun:
            self._begun = True
            if event[:3] == _BOM:
                event = event[3:]
        if self._shape.is_sse and not _FIELDS.fullmatch(event):
            lines = [line for line in _LINE.findall(event) if _FIELDS.fullmatch(line)]
            # Of a line end and the next, one end could become without what stood between them.
            event = b"".join([line.rstrip(b"\r\n") + b"\n" for line in lines])
        if not event.isascii():
            try:
                event.decode()
            except UnicodeDecodeError as exc:
                if self._is_skipped(event):
                    return b""
                raise senseless(event, "an event that is not UTF-8 and") from exc
        return event

    def _is_skipped(self, event: bytes) -> bool:
        """Whether the decoder passes a broken event over, whatever stood before it."""
        decoder = self._make_decoder()
        with contextlib.suppress(ChatError):
            # Here the event is known to be whole.
            decoder.feed(_LINE_END.sub(b"\n", event) + b"\n\n")
        return decoder.skipped > 0

    def _fail(self, error: ChatError) -> None:
        self.error = error
        self.finished = None
        self.over = True
