"""An answer that comes as the whole text so far, again and again: what of it is new.

    handed     what the reader has
    truth      what the service says now: its messages in order, a blank line between two

New text is handed out while the truth extends what was handed. A text that changes behind that
point is kept as the truth, and nothing more is handed out until the truth extends it again. U+FFFD
at the end is half of a character whose rest comes with the next event: it waits.
"""

from dragoman.errors import ResponseError

__all__ = ["MAX_JOINED_CHARS", "MAX_MESSAGES", "CumulativeAnswer"]

# Several messages are joined anew with each event: more would let a small event cost much.
MAX_JOINED_CHARS = 1024 * 1024
MAX_MESSAGES = 256

_HALF = "\ufffd"
_BETWEEN = "\n\n"


class CumulativeAnswer:
    """One answer's texts, by the ids of their messages.

    `ResponseError` if they become longer or more than any answer is.
    """

    __slots__ = ("_handed", "_size", "_texts")

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._handed = ""
        self._size = 0

    @property
    def handed(self) -> str:
        """What was handed out."""
        return self._handed

    @property
    def truth(self) -> str:
        """The answer as the service has it now."""
        texts = self._texts
        if len(texts) == 1:
            return next(iter(texts.values()))
        return _BETWEEN.join(text for text in texts.values() if text)

    @property
    def is_rewritten(self) -> bool:
        """Whether what was handed out is not what the service says now."""
        return not self.truth.startswith(self._handed)

    def put(self, message_id: str | None, text: str, *, final: bool) -> str:
        """Take a message's whole text; gives what of it can be handed out now.

        Without an id it belongs to the newest message. A text that is the beginning of what is
        known came late and is passed over, unless it is `final`: then the service shortened it.
        """
        texts = self._texts
        if message_id is None:
            message_id = next(reversed(texts), "")
        before = texts.get(message_id)
        if text == before:
            return ""
        self._keep(message_id, text)
        if new := self._extension(self.truth.rstrip(_HALF)):
            return new
        if before and not final and before.startswith(text.rstrip(_HALF)) and self.is_rewritten:
            self._keep(message_id, before)
        return ""

    def _keep(self, message_id: str, text: str) -> None:
        texts = self._texts
        self._size += len(text) - len(texts.get(message_id, ""))
        texts[message_id] = text
        if len(texts) > MAX_MESSAGES or (len(texts) > 1 and self._size > MAX_JOINED_CHARS):
            raise ResponseError(
                f"an answer in more than {MAX_MESSAGES} messages, or {MAX_JOINED_CHARS} characters"
            )

    def end(self) -> str:
        """What waited for the next event and may be handed out now that there is none."""
        return self._extension(self.truth)

    def _extension(self, text: str) -> str:
        handed = self._handed
        if not text.startswith(handed):
            return ""
        self._handed = text
        return text[len(handed) :]
