"""A conversation: the caller keeps the messages, and sends them all each time."""

import asyncio

from dragoman import Client

QUESTIONS = ["My name is Ada.", "What is my name?"]


async def main() -> None:
    messages = [{"role": "system", "content": "Answer in one sentence."}]
    async with Client() as client:
        for question in QUESTIONS:
            messages.append({"role": "user", "content": question})
            print(f"you: {question}")
            reply = await client.complete("local", messages, max_tokens=60)
            print(f"it:  {reply.text}")
            messages.append({"role": "assistant", "content": reply.text})


asyncio.run(main())
