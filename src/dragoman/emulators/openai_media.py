"""Images, sounds and files of a request: whether they are what they say.

What is checked is what the service checks before a model sees anything: that base64 decodes, that
the media type is one it takes, and that an image begins like one of its kind.
Source: OpenAI API reference, "Images and vision" and "File inputs", read 2026-11-21.
"""

import base64
import binascii
import re

from dragoman.emulators.openai_errors import RefusedError
from dragoman.emulators.service import Json

__all__ = ["audio_note", "file_note", "image_note"]

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.*)", re.DOTALL)
_BEGINNINGS = {
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/jpeg": rb"\xff\xd8\xff",
    "image/jpg": rb"\xff\xd8\xff",
    "image/gif": rb"GIF8[79]a",
    "image/webp": rb"RIFF....WEBP",
}


def image_note(url: str, param: str) -> Json:
    """What the journal says of an image; `RefusedError` if the service would not take it."""
    if re.match(r"https?://[^/]", url):
        return {"url": url}
    found = _DATA_URL.fullmatch(url)
    if found is None:
        raise RefusedError(
            f"Invalid '{param}': neither an http(s) URL nor a base64 data URL.",
            param,
            code="invalid_image_url" if not url.startswith("data:") else "invalid_base64_image",
        )
    media_type, content = found[1], _decoded(found[2], param, "invalid_base64_image")
    beginning = _BEGINNINGS.get(media_type)
    if beginning is None:
        text = f"Invalid '{param}': images are png, jpeg, gif or webp, not {media_type}."
        raise RefusedError(text, param, code="unsupported_image_media_type")
    if not re.match(beginning, content, re.DOTALL):
        text = f"Invalid '{param}': the data is no image of type {media_type}."
        raise RefusedError(text, param, code="invalid_image_format")
    return {"media_type": media_type, "size_bytes": len(content)}


def audio_note(data: str, form: str, param: str) -> Json:
    """What the journal says of a sound; `RefusedError` if its base64 does not decode."""
    content = _decoded(data, f"{param}.data", "invalid_value")
    return {"format": form, "size_bytes": len(content)}


def file_note(data: str | None, known: dict[str, str | None], param: str) -> Json:
    """What the journal says of a file, given as data URL or by one of the names in `known`.

    `known` has `filename` and the fields that may stand for the data (`file_id`, `file_url`).
    """
    named = {name: value for name, value in known.items() if value}
    if data is None:
        if set(named) <= {"filename"}:
            text = f"Missing required parameter: '{param}.file_id'."
            raise RefusedError(text, f"{param}.file_id", code="missing_required_parameter")
        return named
    found = _DATA_URL.fullmatch(data)
    if found is None:
        text = f"Invalid '{param}.file_data': expected a base64 data URL with a media type."
        raise RefusedError(text, f"{param}.file_data", code="invalid_value")
    if "filename" not in named:
        text = f"Missing required parameter: '{param}.filename'."
        raise RefusedError(text, f"{param}.filename", code="missing_required_parameter")
    content = _decoded(found[2], f"{param}.file_data", "invalid_value")
    return {**named, "media_type": found[1], "size_bytes": len(content)}


def _decoded(text: str, param: str, code: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise RefusedError(f"Invalid '{param}': not valid base64.", param, code=code) from exc
    if not content:
        raise RefusedError(f"Invalid '{param}': empty.", param, code=code)
    return content
