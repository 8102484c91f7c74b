"""Log probabilities: plausible ones, a word a token, the same for the same word.

Source: the REST reference of LogprobsResult, read 2026-11-21.
"""

import zlib

from dragoman.emulators.service import Json, words

__all__ = ["logprobs"]


def logprobs(text: str, top: int) -> dict[str, Json]:
    """The fields that a candidate has besides; each token has `top` candidates, itself first."""
    tokens = words(text)
    if not tokens:
        return {}
    chosen = [_token(token, 0) for token in tokens]
    result: dict[str, Json] = {"chosenCandidates": chosen}
    if top:
        result["topCandidates"] = [
            {"candidates": [_token(token, rank) for rank in range(top)]} for token in tokens
        ]
    average = sum(one["logProbability"] for one in chosen) / len(chosen)
    return {"avgLogprobs": round(average, 6), "logprobsResult": result}


def _token(token: str, rank: int) -> dict[str, Json]:
    """The token, or at a higher rank another one that is less likely."""
    shown = f"{token}{'~' * rank}"
    number = zlib.crc32(shown.encode())
    likely = -(rank + (number % 1000) / 1000) / 4
    return {"token": shown, "tokenId": number % 256_000, "logProbability": likely}
