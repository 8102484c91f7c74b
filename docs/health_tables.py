"""The tables of what is measured of providers: what is told, what counts, what Prometheus reads."""

from collections.abc import Callable, Mapping

from markup import code, codes, table

from dragoman.gateway.metrics import HEALTH_METRICS
from dragoman.page.standing import STANDINGS
from dragoman.routing.health_report import MODEL_FIELDS
from dragoman.routing.outcomes import OUTCOMES

__all__ = ["HEALTH_TABLES"]


def _health_metrics() -> str:
    rows = [(code(row.name), row.kind, codes(row.all_labels), row.about) for row in HEALTH_METRICS]
    return table(("metric", "is a", "labels", "tells"), rows)


def _health_report() -> str:
    return table(("field", "is"), [(code(name), about) for name, about in MODEL_FIELDS.items()])


def _outcomes() -> str:
    return table(("outcome", "when"), [(code(name), about) for name, about in OUTCOMES.items()])


def _standings() -> str:
    return table(("standing", "when"), [(code(name), about) for name, about in STANDINGS.items()])


HEALTH_TABLES: Mapping[str, Callable[[], str]] = {
    "health_metrics": _health_metrics,
    "health_report": _health_report,
    "outcomes": _outcomes,
    "standings": _standings,
}
"""What a page can ask for, by name; a part of `tables.TABLES`."""
