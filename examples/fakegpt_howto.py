"""FakeGpt through an object, with the slug that the service itself uses for its model.

To try it without a station: `dragoman emulate fakegpt`, then set DRAGOMAN_FAKEGPT_BASE_URL to the
address that it prints.
"""

import asyncio

from dragoman import FakeGpt, Messages


async def main() -> None:
    # Создаем объект FakeGpt
    fake_gpt = FakeGpt()

    # Задаем текст запроса
    messages: Messages = [
        {
            "role": "user",
            "content": "Привет, как дела?",
        },
    ]

    # Отправляем запрос и получаем ответ
    async for response_chunk in fake_gpt.create_async_generator(
        model="text-davinci-002-render-sha", messages=messages
    ):
        print(response_chunk)


asyncio.run(main())
