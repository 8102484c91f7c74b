"""A plan in words: as JSON, and as rows of a table."""

from dragoman.routing.router import Plan

__all__ = ["explain_json", "explain_rows"]


def explain_json(plan: Plan) -> dict[str, object]:
    """The decision as a JSON object: who is asked, in order, and who is left out; why, in words."""
    skipped = [
        {
            "model": one.candidate.name,
            "kind": one.kind,
            "reason": one.why,
            # A script should find each name.
            "place": one.place,
            "until_s": round(one.until_s, 3) if one.kind == "open" else None,
        }
        for one in plan.skipped
    ]
    return {
        "route": plan.route,
        "order": plan.order,
        "choices": [
            {"model": choice.candidate.name, "reason": choice.reason} for choice in plan.choices
        ],
        "skipped": skipped,
    }


def explain_rows(plan: Plan) -> list[tuple[str, str, str]]:
    """The same as rows: the place in the order, or a dash; the model; the reason."""
    asked = [
        (str(number), choice.candidate.name, choice.reason)
        for number, choice in enumerate(plan.choices, 1)
    ]
    return [*asked, *(("-", one.candidate.name, one.why) for one in plan.skipped)]
