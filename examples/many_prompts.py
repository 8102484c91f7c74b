"""Many prompts at once, eight at a time; one that fails does not end the others."""

import asyncio

from dragoman import ChatError, Client

PROMPTS = [f"Say the number {number}." for number in range(1, 21)]
AT_ONCE = 8


async def main() -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def ask(client: Client, prompt: str) -> str:
        async with places:
            try:
                return (await client.complete("echo", prompt, total_s=60)).text
            except ChatError as error:
                return f"failed: {error}"

    async with Client() as client:
        answers = await asyncio.gather(*(ask(client, prompt) for prompt in PROMPTS))
    for prompt, answer in zip(PROMPTS, answers, strict=True):
        print(f"{prompt} -> {answer}")


asyncio.run(main())
