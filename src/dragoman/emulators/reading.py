"""Requests as a service reads them: forms, JSON, cookies, and what is wrong with them."""

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

import msgspec

from dragoman.emulators.service import Json

__all__ = ["parsed_body", "parsed_cookies"]


def parsed_cookies(header: str) -> dict[str, str]:
    """The cookies of a `Cookie` header; a name that is not legal makes them none."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def parsed_body(raw: bytes, content_type: str, complaints: list[str]) -> Json:
    """The body by its content type: form and multipart to a dict, JSON to its value, else text.

    What does not parse is text, and a complaint.
    """
    if not raw:
        return None
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return dict(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict"))
        if kind == "multipart/form-data":
            return _multipart(raw, content_type)
        if kind == "application/json" or kind.endswith("+json"):
            return msgspec.json.decode(raw)
    except msgspec.DecodeError as exc:
        complaints.append(f"the body is no JSON: {exc}")
    except UnicodeDecodeError as exc:
        complaints.append(f"the body is no valid UTF-8: {exc.reason} at byte {exc.start}")
    return raw.decode(errors="replace")


def _multipart(raw: bytes, content_type: str) -> dict[str, Json]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + raw)
    return {
        str(part.get_param("name", header="content-disposition")): _part(part)
        for part in message.iter_parts()
    }


def _part(part: Message) -> Json:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    filename = part.get_filename()
    if filename is not None:
        return {"filename": filename, "size_bytes": len(content)}
    return content.decode()
