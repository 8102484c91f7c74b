"""Everything that a stream says, event by event, and not only its text."""

import asyncio

from dragoman import Client, Finished, Started, TextDelta, UsageReported


async def main() -> None:
    async with Client() as client, client.stream("echo", "One two", temperature=0.2) as events:
        async for event in events:
            match event:
                case Started(model=model, dropped=dropped):
                    print(f"{model} answers; it cannot express: {', '.join(dropped) or 'nothing'}")
                case TextDelta(text):
                    print(f"text: {text!r}")
                case UsageReported(usage):
                    print(f"tokens: {usage.input_tokens} in, {usage.output_tokens} out")
                case Finished(reason):
                    print(f"finished: {reason}")


asyncio.run(main())
