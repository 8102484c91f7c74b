"""Characters that nobody sees."""

from dragoman.page.markdown.unseen import cleaned, isolated, marked


def test_control_characters_go_and_lone_surrogates_are_replaced() -> None:
    assert cleaned("a\0b\x1b[1m\x7f\x85\tc\nd\ud800e\udfff") == "ab[1m\tc\nd\ufffde\ufffd"


def test_bidirectional_controls_end_with_the_words_they_are_in() -> None:
    assert isolated("a\u202eb<") == "<bdi>a\u202eb&lt;</bdi>"
    assert isolated("שלום") == "שלום"


def test_what_is_not_seen_in_code_is_marked_and_still_there() -> None:
    assert marked("a\u202e&\u200b") == (
        'a<span class="unseen" dir="ltr" title="U+202E">\u202e</span>&amp;'
        '<span class="unseen" dir="ltr" title="U+200B">\u200b</span>'
    )
