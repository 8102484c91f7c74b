"""Services that serve the models of others, and gateways to many services, by name.

Source: the page of each row (`docs`), read 2026-11-21, and what its users report in public issues
where that page is silent.
"""

from dragoman.features import HINT, Hint, Mapped, Refused
from dragoman.providers.api.service import Service
from dragoman.providers.api.words import on_or_off, said

__all__ = ["HOSTS"]

_NO_THOUGHTS = Hint("it refuses messages that bring the thoughts of earlier turns")
_NEAREST = Mapped("low, medium or high, whichever is nearest")
_TOP_K = frozenset({"top_k"})

HOSTS: tuple[Service, ...] = (
    Service(
        name="azure",
        title="Azure OpenAI",
        base_url="",
        docs="https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle",
        key_variable="AZURE_OPENAI_API_KEY",
        says={"reasoning": Hint("its messages have no place for thoughts")},
        renames={"max_tokens": "max_completion_tokens"},
        prices="azure",
        note='Each resource has an address of its own: `base_url = "https://RESOURCE.openai.azure'
        '.com/openai/v1"` and `api_key = "env:AZURE_OPENAI_API_KEY"`. A model is the name of your '
        'deployment; `dialect = "openai_responses"` asks over Responses.',
    ),
    Service(
        name="baseten",
        title="Baseten",
        base_url="https://inference.baseten.co/v1",
        docs="https://docs.baseten.co/reference/inference-api/chat-completions",
        key_variable="BASETEN_API_KEY",
        prices="baseten",
    ),
    Service(
        name="cerebras",
        title="Cerebras",
        base_url="https://api.cerebras.ai/v1",
        docs="https://inference-docs.cerebras.ai/resources/openai",
        key_variable="CEREBRAS_API_KEY",
        says={
            "reasoning": _NO_THOUGHTS,
            "presence_penalty": HINT,
            "frequency_penalty": HINT,
        },
        prices="cerebras",
    ),
    Service(
        name="chutes",
        title="Chutes",
        base_url="https://llm.chutes.ai/v1",
        docs="https://chutes.ai/docs",
        key_variable="CHUTES_API_KEY",
    ),
    Service(
        name="deepinfra",
        title="DeepInfra",
        base_url="https://api.deepinfra.com/v1/openai",
        docs="https://docs.deepinfra.com/api-reference/chat-completions/openai-chat-completions",
        key_variable="DEEPINFRA_API_KEY",
    ),
    Service(
        name="digitalocean",
        title="DigitalOcean",
        base_url="https://inference.do-ai.run/v1",
        docs="https://docs.digitalocean.com/products/inference/",
        key_variable="MODEL_ACCESS_KEY",
    ),
    Service(
        name="fireworks",
        title="Fireworks AI",
        base_url="https://api.fireworks.ai/inference/v1",
        docs="https://docs.fireworks.ai/tools-sdks/openai-compatibility",
        key_variable="FIREWORKS_API_KEY",
        takes=_TOP_K,
        prices="fireworks",
    ),
    Service(
        name="friendli",
        title="Friendli",
        base_url="https://api.friendli.ai/serverless/v1",
        docs="https://friendli.ai/docs/openapi/model-apis/chat-completions",
        key_variable="FRIENDLI_TOKEN",
        takes=frozenset({"reasoning_budget"}),
    ),
    Service(
        name="groq",
        title="Groq",
        base_url="https://api.groq.com/openai/v1",
        docs="https://console.groq.com/docs/openai",
        key_variable="GROQ_API_KEY",
        says={
            "reasoning": _NO_THOUGHTS,
            "logprobs": Refused("it does not give them"),
            "n": Refused("it gives one answer"),
        },
        prices="groq",
    ),
    Service(
        name="huggingface",
        title="Hugging Face",
        base_url="https://router.huggingface.co/v1",
        docs="https://huggingface.co/docs/inference-providers",
        key_variable="HF_TOKEN",
        note="The router of Inference Providers; a model's name may end in `:PROVIDER`, "
        "`:fastest` or `:cheapest`.",
    ),
    Service(
        name="hyperbolic",
        title="Hyperbolic",
        base_url="https://api.hyperbolic.xyz/v1",
        docs="https://docs.hyperbolic.xyz/docs/rest-api",
        key_variable="HYPERBOLIC_API_KEY",
    ),
    Service(
        name="nebius",
        title="Nebius Token Factory",
        base_url="https://api.tokenfactory.nebius.com/v1",
        docs="https://docs.tokenfactory.nebius.com/api-reference/inference/create-chat-completion",
        key_variable="NEBIUS_API_KEY",
        says={"reasoning_effort": _NEAREST},
        words=said(minimal="low", xhigh="high", max="high"),
    ),
    Service(
        name="novita",
        title="Novita AI",
        base_url="https://api.novita.ai/openai/v1",
        docs="https://novita.ai/docs/api-reference/model-apis-llm-create-chat-completion",
        key_variable="NOVITA_API_KEY",
        takes=_TOP_K,
        prices="novita",
    ),
    Service(
        name="nscale",
        title="Nscale",
        base_url="https://inference.api.nscale.com/v1",
        docs="https://docs.nscale.com/docs/use-cases/chat",
        key_variable="NSCALE_API_KEY",
    ),
    Service(
        name="nvidia",
        title="NVIDIA",
        base_url="https://integrate.api.nvidia.com/v1",
        docs="https://docs.api.nvidia.com/nim/reference/llm-apis",
        key_variable="NVIDIA_API_KEY",
        note="Each model has a form of its own and refuses fields that it does not know; how much "
        "it thinks is often said in the prompt.",
    ),
    Service(
        name="openrouter",
        title="OpenRouter",
        base_url="https://openrouter.ai/api/v1",
        docs="https://openrouter.ai/docs/api-reference/chat-completion",
        key_variable="OPENROUTER_API_KEY",
        says={"reasoning_effort": Mapped("as `reasoning.effort`")},
        takes=frozenset({"top_k", "reasoning_budget"}),
        renames={
            "reasoning_effort": "reasoning.effort",
            "reasoning_budget": "reasoning.max_tokens",
        },
        prices="openrouter",
        note="What a model does not know is ignored on the way to it.",
    ),
    Service(
        name="ovhcloud",
        title="OVHcloud AI Endpoints",
        base_url="https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
        docs="https://www.ovhcloud.com/en/public-cloud/ai-endpoints/catalog/",
        key_variable="OVH_AI_ENDPOINTS_ACCESS_TOKEN",
        key_needed=False,
        prices="ovhcloud",
        note="It answers without a key, too, within a low limit of requests.",
    ),
    Service(
        name="poe",
        title="Poe",
        base_url="https://api.poe.com/v1",
        docs="https://creator.poe.com/docs/external-applications/openai-compatible-api",
        key_variable="POE_API_KEY",
    ),
    Service(
        name="sambanova",
        title="SambaNova",
        base_url="https://api.sambanova.ai/v1",
        docs="https://docs.sambanova.ai/docs/en/features/openai-compatibility",
        key_variable="SAMBANOVA_API_KEY",
        takes=_TOP_K,
    ),
    Service(
        name="scaleway",
        title="Scaleway",
        base_url="https://api.scaleway.ai/v1",
        docs="https://www.scaleway.com/en/docs/generative-apis/api-cli/using-chat-api/",
        key_variable="SCW_SECRET_KEY",
        says={
            "frequency_penalty": HINT,
            "user": HINT,
            "n": Refused("it gives one answer"),
            "logprobs": Refused("it gives those of the chosen tokens only"),
        },
    ),
    Service(
        name="siliconflow",
        title="SiliconFlow",
        base_url="https://api.siliconflow.com/v1",
        docs="https://docs.siliconflow.com/en/api-reference/chat-completions/chat-completions",
        key_variable="SILICONFLOW_API_KEY",
        says={"reasoning_effort": Mapped("thinking is off for none, and on for every other word")},
        takes=frozenset({"top_k", "reasoning_budget"}),
        renames={"reasoning_budget": "thinking_budget"},
        words=on_or_off("enable_thinking", on=True, off=False),
        note="For mainland China: `base_url` https://api.siliconflow.cn/v1. Not every model knows "
        "the switch of its thoughts.",
    ),
    Service(
        name="together",
        title="Together AI",
        base_url="https://api.together.ai/v1",
        docs="https://docs.together.ai/docs/inference/openai-compatibility",
        key_variable="TOGETHER_API_KEY",
        says={"reasoning_effort": _NEAREST},
        takes=_TOP_K,
        words={
            "reasoning_effort": {
                "none": {"reasoning.enabled": False},
                **said(minimal="low", xhigh="high", max="high")["reasoning_effort"],
            }
        },
        prices="together",
    ),
    Service(
        name="venice",
        title="Venice AI",
        base_url="https://api.venice.ai/api/v1",
        docs="https://docs.venice.ai/api-reference/endpoint/chat/completions",
        key_variable="VENICE_API_KEY",
    ),
    Service(
        name="vercel",
        title="Vercel AI Gateway",
        base_url="https://ai-gateway.vercel.sh/v1",
        docs="https://vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions",
        key_variable="AI_GATEWAY_API_KEY",
        says={"reasoning_effort": Mapped("as `reasoning.effort`")},
        takes=frozenset({"reasoning_budget"}),
        renames={
            "reasoning_effort": "reasoning.effort",
            "reasoning_budget": "reasoning.max_tokens",
        },
    ),
    Service(
        name="wandb",
        title="W&B Inference",
        base_url="https://api.inference.wandb.ai/v1",
        docs="https://docs.wandb.ai/inference/",
        key_variable="WANDB_API_KEY",
    ),
)
