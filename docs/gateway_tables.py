"""The tables of what a gateway does: its settings, routes and health, its faces, what it counts."""

import json
from collections.abc import Callable, Mapping

import msgspec
from markup import code, codes, table

from dragoman import errors
from dragoman.chat import ChatRequest
from dragoman.config_tables import Field
from dragoman.dialects.dialect import Stamp, StreamEncoder
from dragoman.gateway.access_log import FIELDS as LOG_FIELDS
from dragoman.gateway.faces import FACES, Address, Face
from dragoman.gateway.metrics import METRICS
from dragoman.gateway.openapi import paths_of
from dragoman.gateway.routes import ROUTES
from dragoman.gateway_settings import FIELDS as GATEWAY_FIELDS
from dragoman.gateway_settings import KEY_FIELDS, GatewaySettings
from dragoman.routing.health_settings import FIELDS as HEALTH_FIELDS
from dragoman.routing.health_settings import HealthSettings
from dragoman.routing.orders import ORDERS
from dragoman.routing.route import DEADLINES, Route
from dragoman.routing.route_tables import CANDIDATE_FIELDS
from dragoman.routing.route_tables import FIELDS as ROUTE_FIELDS
from dragoman.routing.router import SKIPS
from dragoman.routing.verdicts import STATUSES, VERDICTS

__all__ = ["GATEWAY_TABLES"]


def _gateway_fields() -> str:
    return _with_defaults(GatewaySettings, GATEWAY_FIELDS)


def _gateway_key_fields() -> str:
    return _described(KEY_FIELDS)


def _route_fields() -> str:
    rows = []
    defaults = {field.name: field.default for field in msgspec.structs.fields(Route)} | DEADLINES
    for name, told in ROUTE_FIELDS.items():
        default = defaults[name]
        shown = "" if default is msgspec.NODEFAULT else _toml(_whole(default))
        rows.append((code(name), told.expected, shown, told.about))
    return table(("field", "is", "default", "means"), rows)


def _candidate_fields() -> str:
    return _described(CANDIDATE_FIELDS)


def _orders() -> str:
    rows = [(code(name), about) for name, about in ORDERS.items()]
    return table(("order", "who is asked first"), rows)


def _verdicts() -> str:
    rows = [(f"`{kind.__name__}`", code(step), why) for kind, (step, why) in VERDICTS.items()]
    rows += [(f"status {what}", code(step), why) for what, step, why in STATUSES]
    return table(("error", "what is done", "because"), rows)


def _skips() -> str:
    rows = [(code(name), about) for name, about in SKIPS.items()]
    return table(("kind", "why"), rows)


def _health_fields() -> str:
    return _with_defaults(HealthSettings, HEALTH_FIELDS)


def _described(fields: Mapping[str, Field]) -> str:
    rows = [(code(name), field.expected, field.about) for name, field in fields.items()]
    return table(("field", "is", "means"), rows)


def _with_defaults(kind: type[msgspec.Struct], fields: Mapping[str, Field]) -> str:
    rows = []
    for field in msgspec.structs.fields(kind):
        told = fields[field.name]
        rows.append((code(field.name), told.expected, _toml(_whole(field.default)), told.about))
    return table(("field", "is", "default", "means"), rows)


def _whole(value: object) -> object:
    """A whole number without its point, as one writes it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _log_fields() -> str:
    rows = [(code(name), about) for name, about in LOG_FIELDS.items()]
    return table(("field", "means"), rows)


def _metrics() -> str:
    rows = [(code(row.name), row.kind, codes(row.all_labels), row.about) for row in METRICS]
    return table(("metric", "is a", "labels", "counts"), rows)


def _routes() -> str:
    rows = []
    for row in ROUTES:
        asked = codes(f"{row.method} {path}" for path in paths_of(row.path))
        rows.append((asked, "no" if row.open else "yes", row.about))
    return table(("request", "wants a key", "answers"), rows)


def _faces() -> str:
    rows = []
    for face in FACES:
        asked = codes(f"POST {path}" for path in paths_of(face.path))
        streams = dict.fromkeys(face.media_type(address) for address in _ways(face))
        sign = _encoder(face).ping().decode()
        shown = code(json.dumps(sign)[1:-1].replace('\\"', '"')) if sign else "none"
        rows.append((code(face.name), asked, code(face.dialect), codes(streams), shown))
    return table(("face", "request", "dialect", "a stream is", "sign of life"), rows)


def _face_errors() -> str:
    rows = []
    for face in FACES:
        whole = face.speech.encode_failure(_FAILURE).body.decode()
        inside = json.dumps(_encoder(face).fail(_FAILURE).decode())[1:-1].replace('\\"', '"')
        rows.append((code(face.name), code(whole), code(inside)))
    return table(("face", "as a whole reply", "in a stream"), rows)


_FAILURE = errors.RateLimitError("slow down")


def _ways(face: Face) -> list[Address]:
    return [Address(), Address(array=True)] if "verb" in face.path else [Address()]


def _encoder(face: Face) -> StreamEncoder:
    chat = ChatRequest(model="m", messages=(), stream=True)
    return face.encoder(chat, Stamp("1", 0.0), Address())


def _toml(value: object) -> str:
    """A value as a configuration says it."""
    return code("[]" if value == () else msgspec.json.encode(value).decode())


GATEWAY_TABLES: Mapping[str, Callable[[], str]] = {
    "candidate_fields": _candidate_fields,
    "face_errors": _face_errors,
    "faces": _faces,
    "gateway_fields": _gateway_fields,
    "gateway_key_fields": _gateway_key_fields,
    "health_fields": _health_fields,
    "log_fields": _log_fields,
    "metrics": _metrics,
    "orders": _orders,
    "route_fields": _route_fields,
    "routes": _routes,
    "skips": _skips,
    "verdicts": _verdicts,
}
"""What a page can ask for, by name; a part of `tables.TABLES`."""
