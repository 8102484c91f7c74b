"""Any chat that some dialects carry."""

from collections.abc import Iterable
from functools import cache

from hypothesis import strategies as st

from dragoman.chat import ChatRequest, Summary
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.tools import ChoiceMode, JsonObject, JsonSchema, Output, Tool, ToolChoice
from tests.law.shape import (
    ARGUMENTS,
    IDS,
    NAMES,
    OPTIONS,
    PAPERS,
    PICTURES,
    SCHEMAS,
    SOUNDS,
    TEXTS,
    Carries,
    signatures,
    thoughts,
)

__all__ = ["request"]


@cache
@st.composite
def request(draw: st.DrawFn, carries: Carries) -> ChatRequest:
    tools = draw(_tools(carries))
    options = {name: draw(carries.maybe(name, values)) for name, values in OPTIONS.items()}
    choice = draw(_choices(carries, tools)) if tools else None
    calls_any = tools and (choice is None or choice.mode != "none")
    return ChatRequest(
        model=draw(NAMES),
        messages=draw(_messages(carries, tools)),
        tools=tuple(tools) or None,
        tool_choice=choice,
        parallel_tool_calls=(
            draw(carries.maybe("parallel_tool_calls", st.booleans())) if calls_any else None
        ),
        output=draw(_outputs(carries)),
        stream=draw(st.booleans()),
        reasoning_summary=draw(_summaries(carries)),
        **draw(_thinking(carries)),  # type: ignore[arg-type]  # options of many types
        **options,  # type: ignore[arg-type]  # options of many types
    )


@cache
def _summaries(carries: Carries) -> st.SearchStrategy[Summary | None]:
    return carries.maybe("reasoning_summary", st.sampled_from(carries.shape.summaries))


@cache
def _thinking(carries: Carries) -> st.SearchStrategy[dict[str, object]]:
    """How much to think, in a word or in tokens; services know one or the other."""
    ways: list[st.SearchStrategy[dict[str, object]]] = [st.just({})]
    if carries("reasoning_effort"):
        words = st.sampled_from(list(carries.shape.efforts))
        ways.append(st.builds(lambda word: {"reasoning_effort": word}, words))
    if carries("reasoning_budget"):
        sizes = st.integers(1024, 32_000)
        ways.append(st.builds(lambda size: {"reasoning_budget": size}, sizes))
    return st.one_of(ways)


_TOOL_NAMES = st.lists(NAMES, unique=True, max_size=3)
_MAYBE_TEXT = st.none() | TEXTS
_MAYBE_SCHEMA = st.none() | SCHEMAS


@cache
@st.composite
def _tools(draw: st.DrawFn, carries: Carries) -> list[Tool]:
    if not carries("tools"):
        return []
    names = draw(_TOOL_NAMES)
    return [
        Tool(
            name=name,
            description=draw(_MAYBE_TEXT),
            parameters=draw(_MAYBE_SCHEMA),
            strict=draw(carries.maybe("tool_strict", st.booleans())),
        )
        for name in names
    ]


def _choices(carries: Carries, tools: list[Tool]) -> st.SearchStrategy[ToolChoice | None]:
    ways: list[st.SearchStrategy[ToolChoice | None]] = [st.none()]
    if carries("tool_choice"):
        modes: tuple[ChoiceMode, ...] = ("auto", "none", "required")
        ways.append(st.builds(ToolChoice, st.sampled_from(modes)))
    if carries("tool_choice_names"):
        names = st.sampled_from([tool.name for tool in tools])
        ways.append(names.map(lambda name: ToolChoice("required", (name,))))
        if carries.shape.several_names:
            some = st.lists(names, unique=True, min_size=1).map(tuple)
            ways.append(st.builds(ToolChoice, st.sampled_from(("auto", "required")), some))
    return st.one_of(ways)


@cache
def _outputs(carries: Carries) -> st.SearchStrategy[Output | None]:
    ways: list[st.SearchStrategy[Output | None]] = [st.none()]
    if carries("json_object"):
        ways.append(st.just(JsonObject()))
    if carries("json_schema"):
        named = carries("json_schema_name")
        ways.append(
            st.builds(
                JsonSchema,
                schema=SCHEMAS,
                name=NAMES if named else st.just("answer"),
                description=st.none() | TEXTS if named else st.none(),
                strict=carries.maybe("json_schema_strict", st.booleans()),
            )
        )
    return st.one_of(ways)


_SYSTEMS = TEXTS.map(lambda text: Message("system", (Text(text),)))
_OPENINGS = st.lists(_SYSTEMS, max_size=2)
# Some services refuse a space at the end of a prefill.
_PREFILLS = TEXTS.map(lambda text: Message("assistant", (Text(f"{text}."),)))


@st.composite
def _messages(draw: st.DrawFn, carries: Carries, tools: list[Tool]) -> tuple[Message, ...]:
    ids = (f"call_{number}" for number in range(1000))
    messages: list[Message] = []
    if carries("system"):
        messages += draw(_OPENINGS)
    for _ in range(draw(st.integers(0, 3))):
        messages.append(draw(_user(carries)))
        messages += draw(_turn(carries, tools, ids))
        if carries("system_later") and draw(st.booleans()):
            messages.append(draw(_SYSTEMS))
    if messages[-1:] and messages[-1].role == "tool" and draw(st.booleans()):
        return tuple(messages)
    messages.append(draw(_user(carries)))
    if carries("prefill") and draw(st.booleans()):
        messages.append(draw(_PREFILLS))
    return tuple(messages)


@cache
@st.composite
def _user(draw: st.DrawFn, carries: Carries) -> Message:
    parts: list[Part] = [Text(draw(TEXTS))]
    parts += draw(_asked(carries))
    if not carries.shape.one_text:
        parts = draw(st.permutations(parts))
    return Message("user", tuple(parts))


@cache
def _asked(carries: Carries) -> st.SearchStrategy[list[Part]]:
    ways: list[st.SearchStrategy[Part]] = []
    ways += [] if carries.shape.one_text else [TEXTS.map(Text)]
    ways += _images(carries)
    ways += _documents(carries)
    if carries("audio"):
        ways.append(SOUNDS.map(lambda sound: Audio(*sound)))
    return st.lists(st.one_of(ways), max_size=2) if ways else st.just([])


@cache
def _images(carries: Carries) -> list[st.SearchStrategy[Image]]:
    detail = carries.maybe("image_detail", st.sampled_from(("low", "high", "auto")))
    ways: list[st.SearchStrategy[Image]] = []
    if carries("image"):
        ways.append(
            st.builds(
                lambda found, detail: Image(content=found[0], media_type=found[1], detail=detail),
                PICTURES,
                detail,
            )
        )
    if carries("image_url"):
        urls = NAMES.map(lambda name: f"https://pictures.test/{name}.png")
        ways.append(st.builds(Image, url=urls, detail=detail))
    if carries("image_file"):
        ways.append(st.builds(Image, file_id=IDS.map(lambda name: f"file-{name}"), detail=detail))
    return ways


@cache
def _documents(carries: Carries) -> list[st.SearchStrategy[Document]]:
    named = NAMES.map(lambda name: f"{name}.pdf")
    name = carries.maybe("document_name", named)
    pdf = st.just("application/pdf")
    ways: list[st.SearchStrategy[Document]] = []
    if carries("document"):
        ways.append(st.builds(Document, content=PAPERS, media_type=pdf, name=name))
    if carries("document_url"):
        urls = named.map(lambda name: f"https://papers.test/{name}")
        ways.append(st.builds(Document, url=urls))
    if carries("document_file"):
        ways.append(st.builds(Document, file_id=IDS.map(lambda name: f"file-{name}")))
    return ways


@st.composite
def _turn(
    draw: st.DrawFn, carries: Carries, tools: list[Tool], ids: Iterable[str]
) -> list[Message]:
    """What the assistant said, and the results of the calls it made."""
    parts = draw(thoughts(carries))
    calls: list[ToolCall] = []
    if tools:
        calls = [
            ToolCall(
                call_id,
                draw(st.sampled_from(tools)).name,
                draw(ARGUMENTS),
                draw(signatures(carries) if carries.shape.signs_calls else st.none()),
            )
            for _, call_id in zip(range(draw(st.integers(0, 2))), ids, strict=False)
        ]
    if not calls or draw(st.booleans()):
        refuses = carries("refusal") and not calls and draw(st.booleans())
        parts.append(Refusal(draw(TEXTS)) if refuses else Text(draw(TEXTS)))
    parts += calls
    if carries.shape.any_order:
        parts = draw(st.permutations(parts))
    answered = [Message("assistant", tuple(parts))]
    if calls:
        results = tuple(draw(_result(carries, call)) for call in calls)
        answered.append(Message("tool", results))
    return answered


@st.composite
def _result(draw: st.DrawFn, carries: Carries, call: ToolCall) -> ToolResult:
    more = draw(_given(carries))
    failed = carries("tool_result_error") and draw(st.booleans())
    return ToolResult(call.id, (Text(draw(TEXTS)), *more), failed)


@cache
def _given(carries: Carries) -> st.SearchStrategy[list[Text | Image | Document]]:
    ways: list[st.SearchStrategy[Text | Image | Document]] = []
    if not carries.shape.one_text:
        ways.append(TEXTS.map(Text))
    if carries("tool_result_image"):
        ways += _images(carries)
    if carries("tool_result_document"):
        ways += _documents(carries)
    return st.lists(st.one_of(ways), max_size=1) if ways else st.just([])
