import msgspec

from dragoman.dialects.anthropic_messages.usage import (
    WireUsage,
    decode_usage,
    encode_usage,
    later,
)
from dragoman.events import Usage


def wire(**counts: object) -> WireUsage:
    return msgspec.convert(counts, WireUsage)


def test_tokens_of_the_cache_are_among_those_in() -> None:
    told = wire(
        input_tokens=3,
        output_tokens=9,
        cache_read_input_tokens=20,
        cache_creation_input_tokens=100,
        output_tokens_details={"thinking_tokens": 4},
    )

    usage = Usage(
        input_tokens=123,
        output_tokens=9,
        cached_tokens=20,
        cache_write_tokens=100,
        reasoning_tokens=4,
    )
    assert decode_usage(told) == usage
    assert msgspec.convert(encode_usage(usage), WireUsage) == told


def test_a_nought_is_no_count() -> None:
    assert decode_usage(wire(input_tokens=0, output_tokens=0)) is None
    assert decode_usage(wire(output_tokens=2)) == Usage(output_tokens=2)
    assert encode_usage(None) == {"input_tokens": 0, "output_tokens": 0}
    assert encode_usage(Usage(input_tokens=1, cached_tokens=5))["input_tokens"] == 0


def test_a_later_count_keeps_what_it_does_not_tell() -> None:
    before = wire(input_tokens=3, output_tokens=1, cache_read_input_tokens=20)

    assert later(before, wire(output_tokens=9)) == wire(
        input_tokens=3, output_tokens=9, cache_read_input_tokens=20
    )
