"""Services of those who make models, by name.

Source: the page of each row (`docs`), read 2026-11-21, and what its users report in public issues
where that page is silent.
"""

from dragoman.features import HINT, Hint, Mapped, Refused
from dragoman.providers.api.service import Service
from dragoman.providers.api.words import on_or_off, said

__all__ = ["MAKERS"]

_NO_THOUGHTS = Hint("it refuses messages that bring the thoughts of earlier turns")
_SWITCH = Mapped("thinking is off for none, and on for every other word")

MAKERS: tuple[Service, ...] = (
    Service(
        name="ai21",
        title="AI21 Labs",
        base_url="https://api.ai21.com/studio/v1",
        docs="https://docs.ai21.com/reference/jamba-1-6-api-ref",
        key_variable="AI21_API_KEY",
    ),
    Service(
        name="cohere",
        title="Cohere",
        base_url="https://api.cohere.ai/compatibility/v1",
        docs="https://docs.cohere.com/docs/compatibility-api",
        key_variable="COHERE_API_KEY",
        says={
            "reasoning_effort": Mapped("none, and high for every other word"),
            "parallel_tool_calls": HINT,
            "n": Refused("it gives one answer"),
            "logprobs": Refused("its OpenAI-like API does not give them"),
        },
        words=said(minimal="high", low="high", medium="high", xhigh="high", max="high"),
        prices="cohere",
        note="The Compatibility API; connectors, citations and other features of Cohere's own API "
        "are not in it.",
    ),
    Service(
        name="deepseek",
        title="DeepSeek",
        base_url="https://api.deepseek.com",
        docs="https://api-docs.deepseek.com/api/create-chat-completion",
        key_variable="DEEPSEEK_API_KEY",
        says={
            "json_schema": Refused("it knows only json_object: ask for that, with the schema"),
            "prefill": Refused("only its beta address goes on with a message"),
        },
        words={"reasoning_effort": {"none": {"thinking.type": "disabled"}}},
        prices="deepseek",
        note="Its efforts are low, high and max; it takes the others for the nearest. In a round "
        "of tools the thoughts have to be sent back, as the client does.",
    ),
    Service(
        name="inception",
        title="Inception",
        base_url="https://api.inceptionlabs.ai/v1",
        docs="https://docs.inceptionlabs.ai/capabilities/reasoning-efforts",
        key_variable="INCEPTION_API_KEY",
        says={"reasoning_effort": Mapped("instant, low, medium or high, whichever is nearest")},
        words=said(none="instant", minimal="instant", xhigh="high", max="high"),
    ),
    Service(
        name="minimax",
        title="MiniMax",
        base_url="https://api.minimax.io/v1",
        docs="https://platform.minimax.io/docs/api-reference/text-openai-api",
        key_variable="MINIMAX_API_KEY",
        says={
            "presence_penalty": HINT,
            "frequency_penalty": HINT,
            "n": Refused("it gives one answer"),
            "reasoning_effort": _SWITCH,
        },
        renames={"max_tokens": "max_completion_tokens"},
        words=on_or_off("thinking.type", "adaptive", "disabled"),
        # Without it the thoughts stand in the text, between <think> and </think>.
        adds={"reasoning_split": True},
        prices="minimax",
        note="For mainland China: `base_url` https://api.minimaxi.com/v1. The M2 models always "
        "think. A temperature has to be above 0.",
    ),
    Service(
        name="mistral",
        title="Mistral",
        base_url="https://api.mistral.ai/v1",
        docs="https://docs.mistral.ai/api/endpoint/chat",
        key_variable="MISTRAL_API_KEY",
        says={
            "reasoning": _NO_THOUGHTS,
            "reasoning_effort": Mapped("none, and high for every other word"),
            "user": HINT,
            "logprobs": Refused("it does not give them"),
            "prefill": Refused("it would say the beginning again"),
            "audio": Refused("it has another form for it"),
            "document": Refused("it has another form for it"),
            "document_file": Refused("it has another form for it"),
        },
        renames={"seed": "random_seed"},
        words=said(minimal="high", low="high", medium="high", xhigh="high", max="high"),
        # It refuses what it does not know, and reports the usage without being asked.
        leaves_out=frozenset({"stream_options"}),
        prices="mistral",
        note="It refuses requests with fields that it does not know.",
    ),
    Service(
        name="moonshot",
        title="Moonshot AI",
        base_url="https://api.moonshot.ai/v1",
        docs="https://platform.kimi.ai/docs/api/chat",
        key_variable="MOONSHOT_API_KEY",
        renames={"max_tokens": "max_completion_tokens"},
        words={"reasoning_effort": {"none": {"thinking.type": "disabled"}}},
        prefill_mark="partial",
        prices="moonshotai",
        note="Kimi. For mainland China: `base_url` https://api.moonshot.cn/v1. Which efforts there "
        "are depends on the model, and newer ones fix temperature and penalties.",
    ),
    Service(
        name="perplexity",
        title="Perplexity",
        base_url="https://api.perplexity.ai/v1",
        docs="https://docs.perplexity.ai/docs/agent-api/openai-compatibility",
        key_variable="PERPLEXITY_API_KEY",
        dialect="openai_responses",
        prices="perplexity",
        note="The Agent API. The older Sonar chat completions ended on 2026-09-27; `sonar` is "
        "`perplexity/sonar` now.",
    ),
    Service(
        name="qwen",
        title="Qwen",
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        docs="https://www.alibabacloud.com/help/en/model-studio/"
        "compatibility-of-openai-with-dashscope",
        key_variable="DASHSCOPE_API_KEY",
        says={"reasoning_effort": _SWITCH},
        takes=frozenset({"top_k", "reasoning_budget"}),
        renames={"reasoning_budget": "thinking_budget"},
        words=on_or_off("enable_thinking", on=True, off=False),
        prefill_mark="partial",
        note="Alibaba Cloud Model Studio in Singapore. Other regions have keys and addresses of "
        "their own, as `base_url` https://dashscope.aliyuncs.com/compatible-mode/v1.",
    ),
    Service(
        name="upstage",
        title="Upstage",
        base_url="https://api.upstage.ai/v1",
        docs="https://console.upstage.ai/api/chat",
        key_variable="UPSTAGE_API_KEY",
        says={"reasoning_effort": Mapped("low, medium or high, whichever is nearest")},
        words=said(none="low", minimal="low", xhigh="high", max="high"),
    ),
    Service(
        name="xai",
        title="xAI",
        base_url="https://api.x.ai/v1",
        docs="https://docs.x.ai/docs/api-reference",
        key_variable="XAI_API_KEY",
        prices="x-ai",
        note="xAI calls its chat completions deprecated, and they bring no thoughts: "
        '`dialect = "openai_responses"` asks it over its newer API. Models that think refuse '
        "`stop` and the penalties.",
    ),
    Service(
        name="zai",
        title="Z.ai",
        base_url="https://api.z.ai/api/paas/v4",
        docs="https://docs.z.ai/api-reference/llm/chat-completion",
        key_variable="ZAI_API_KEY",
        says={
            "reasoning_effort": _SWITCH,
            "presence_penalty": HINT,
            "frequency_penalty": HINT,
            "tool_strict": HINT,
            "tool_choice": Refused("the model itself decides whether it calls a tool"),
            "json_schema": Refused("it knows only json_object: ask for that, with the schema"),
        },
        words=on_or_off("thinking.type", "enabled", "disabled"),
        # It reports the usage without being asked.
        leaves_out=frozenset({"stream_options"}),
        prices="zai",
        note="The GLM models. The Coding Plan has its own `base_url`, "
        "https://api.z.ai/api/coding/paas/v4.",
    ),
)
