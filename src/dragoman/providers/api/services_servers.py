"""Programs that serve models on a machine of one's own, at the address they have by default.

None needs a key unless it was started with one. Another machine or port is `base_url`.
Source: the page of each row (`docs`), read 2026-11-21.
"""

from dragoman.providers.api.service import Service

__all__ = ["SERVERS"]

_TOP_K = frozenset({"top_k"})

SERVERS: tuple[Service, ...] = (
    Service(
        name="dragoman",
        title="Dragoman",
        base_url="http://127.0.0.1:8484/v1",
        docs="https://platform.openai.com/docs/api-reference/chat",
        key_variable="DRAGOMAN_KEY",
        key_needed=False,
        takes=_TOP_K,
        note="Another Dragoman's `dragoman serve`.",
    ),
    Service(
        name="litellm",
        title="LiteLLM Proxy",
        base_url="http://127.0.0.1:4000/v1",
        docs="https://docs.litellm.ai/docs/proxy/quick_start",
        key_variable="LITELLM_PROXY_API_KEY",
        key_needed=False,
    ),
    Service(
        name="llamacpp",
        title="llama.cpp server",
        base_url="http://127.0.0.1:8080/v1",
        docs="https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
        key_variable="LLAMA_API_KEY",
        key_needed=False,
        takes=_TOP_K,
        note="Tools need a model whose chat template knows them. To run a model without a server "
        "there is `local`.",
    ),
    Service(
        name="lmstudio",
        title="LM Studio",
        base_url="http://127.0.0.1:1234/v1",
        docs="https://lmstudio.ai/docs/developer/openai-compat/chat-completions",
        key_variable="LM_API_TOKEN",
        key_needed=False,
        takes=_TOP_K,
    ),
    Service(
        name="sglang",
        title="SGLang",
        base_url="http://127.0.0.1:30000/v1",
        docs="https://docs.sglang.ai/basic_usage/openai_api_completions.html",
        takes=_TOP_K,
    ),
    Service(
        name="vllm",
        title="vLLM",
        base_url="http://127.0.0.1:8000/v1",
        docs="https://docs.vllm.ai/en/latest/serving/online_serving/openai_compatible_server/",
        key_variable="VLLM_API_KEY",
        key_needed=False,
        takes=_TOP_K,
        note="Tools and thoughts need the server's parsers: `--tool-call-parser`, "
        "`--reasoning-parser`.",
    ),
)
