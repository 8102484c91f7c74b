"""Tools for models whose chat template knows none: a turn for the tools is put into the template.

llama.cpp takes the tools of a request and drops them without a word where the template has no place
for them. Of templates in ChatML, which most small models have, the words around the tools can be
said; everything else stays as the model's makers wrote it. The form of a call is one for which
llama.cpp makes a grammar, so that a call that must be made is made (of six forms tried with
xllamacpp 2026.10.11549 on 2026-11-21, only this one was enforced).
"""

__all__ = ["with_tools"]

_CHATML = "<|im_start|>"

_TOOLS = """\
{%- if tools %}
{{- '<|im_start|>system\\n' }}
{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}
{{- 'To call a function, write <function=NAME>ARGUMENTS</function>, the arguments as JSON. ' }}
{{- 'The functions:\\n' }}
{%- for tool in tools %}{{- tool | tojson }}{{- '\\n' }}{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- for message in messages %}
{%- if message.role == 'system' and loop.first %}
{%- elif message.role == 'assistant' and message.tool_calls %}
{{- '<|im_start|>assistant\\n' }}
{%- if message.content %}{{- message.content }}{%- endif %}
{%- for call in message.tool_calls %}
{{- '<function=' + call.function.name + '>' }}
{{- call.function.arguments | tojson }}
{{- '</function>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- else %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content %}{{- message.content }}{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
{%- else %}"""


def with_tools(template: str) -> str | None:
    """The template with room for tools; None if it has it already, or is not in ChatML."""
    if _CHATML not in template or "tools" in template:
        return None
    return f"{_TOOLS}{template}{{%- endif %}}"
