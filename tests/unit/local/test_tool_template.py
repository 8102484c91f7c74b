"""Room for tools in a chat template that has none."""

from dragoman.providers.local.gguf import GgufHead
from dragoman.providers.local.tool_template import with_tools

CHATML = "{% for message in messages %}<|im_start|>{{ message.role }}{% endfor %}"


def test_a_template_in_chatml_gets_a_turn_for_tools_and_stays_as_it_is_without_them() -> None:
    template = with_tools(CHATML)

    assert template is not None
    assert template.startswith("{%- if tools %}")
    assert template.endswith("{%- else %}" + CHATML + "{%- endif %}")


def test_what_knows_tools_or_is_in_other_words_is_left_alone() -> None:
    assert with_tools("{% if tools %}<|im_start|>{% endif %}") is None
    assert with_tools("[INST]{{ messages }}[/INST]") is None
    assert with_tools("") is None


def test_a_file_says_whether_it_takes_tools() -> None:
    assert GgufHead(3, template=CHATML).takes_tools
    assert GgufHead(3, template="{{ tools }}").takes_tools
    assert not GgufHead(3, template="[INST]").takes_tools
    assert not GgufHead(3).takes_tools
