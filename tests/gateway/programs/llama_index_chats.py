"""Run as a program: LlamaIndex asks a gateway, and prints what it got as JSON.

Arguments: the gateway's address and a model.
"""

import json
import sys

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike

TEXT = "one two three"


def weather(city: str) -> str:
    """Tells the weather."""
    return f"It rains in {city}."


def main() -> None:
    url, model = sys.argv[1:]
    llm = OpenAILike(
        model=model,
        api_base=f"{url}/v1",
        api_key="any",
        is_chat_model=True,
        is_function_calling_model=True,
        max_retries=0,
    )
    messages = [
        ChatMessage(role="system", content="Be brief."),
        ChatMessage(role="user", content=TEXT),
    ]
    pieces = [chunk.delta for chunk in llm.stream_chat(messages) if chunk.delta]
    tool = FunctionTool.from_defaults(weather)
    called = llm.chat_with_tools([tool], TEXT, tool_required=True)
    said = {
        "text": llm.chat(messages).message.content,
        "complete": llm.complete(TEXT).text,
        "pieces": len(pieces),
        "streamed": "".join(pieces),
        "tool": llm.get_tool_calls_from_response(called)[0].tool_name,
    }
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
