"""What can go wrong, and what each kind of error is good for; an emulator makes it happen."""

import asyncio

from dragoman import ChatError, FakeGpt, RateLimitError, StreamTruncatedError, emulators

SCENARIOS: list[dict[str, object]] = [
    {},
    {"status": 429, "retry_after": 7, "at": ["chat"]},
    {"cut": {"after_events": 4}},
    {"html_instead": True},
    {"challenge": {}},
]


async def ask(base_url: str) -> str:
    messages = [{"role": "user", "content": "one two three four"}]
    try:
        return await FakeGpt.create_async("gpt-3.5-turbo", messages, base_url=base_url)
    except RateLimitError as error:
        return f"asked too often: again in {error.retry_after:g} s"
    except StreamTruncatedError as error:
        return f"the connection broke; so far it said {error.text!r}"
    except ChatError as error:
        again = "may be asked again" if error.retryable else "is final"
        return f"{type(error).__name__} at the step {error.step}, which {again}"


async def main() -> None:
    async with emulators.run("fakegpt") as site:
        for scenario in SCENARIOS:
            site.scenario(scenario)
            print(await ask(site.url))


asyncio.run(main())
