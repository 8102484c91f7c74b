"""Run as a program: LangChain asks a gateway, and prints what it got as JSON.

Arguments: the gateway's address, a model for its class for OpenAI, and one for Anthropic's.
"""

import json
import sys

from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

TEXT = "one two three"
WEATHER = {
    "title": "weather",
    "description": "Tells the weather.",
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def tried(model: ChatOpenAI | ChatAnthropic) -> dict[str, object]:
    """What a program does with a model: ask, stream, have a tool called, have JSON."""
    whole = model.invoke([("system", "Be brief."), ("human", TEXT)])
    pieces = [chunk.text for chunk in model.stream(TEXT) if chunk.text]
    called = model.bind_tools([WEATHER], tool_choice="weather").invoke(TEXT)
    shaped = model.with_structured_output(WEATHER, method="json_schema").invoke(TEXT)
    return {
        "text": whole.text,
        "output_tokens": whole.usage_metadata["output_tokens"],
        "pieces": len(pieces),
        "streamed": "".join(pieces),
        "tool": called.tool_calls[0]["name"],
        "shaped": sorted(shaped),
    }


def main() -> None:
    url, openai, anthropic = sys.argv[1:]
    plain = ChatOpenAI(model=openai, base_url=f"{url}/v1", api_key="any", max_retries=0)
    newer = ChatOpenAI(
        model=openai, base_url=f"{url}/v1", api_key="any", max_retries=0, use_responses_api=True
    )
    claude = ChatAnthropic(model=anthropic, base_url=url, api_key="any", max_retries=0)
    vectors = OpenAIEmbeddings(
        model="gemini/mock-model",
        base_url=f"{url}/v1",
        api_key="any",
        dimensions=8,
        check_embedding_ctx_length=False,
    ).embed_documents([TEXT, "four"])
    said = {"chat": tried(plain), "responses": tried(newer), "messages": tried(claude)}
    sys.stdout.write(json.dumps({**said, "vectors": [len(vector) for vector in vectors]}))


if __name__ == "__main__":
    main()
