from dragoman.dialects.anthropic_messages.cited_blocks import CitedBlocks


def test_a_citation_is_of_the_text_before_it_or_of_the_next() -> None:
    found = CitedBlocks()

    found.add({"type": "text", "text": "a"})
    found.cite(1)
    found.cite(2)
    found.add({"type": "text", "text": "b"})
    found.end_text()
    found.cite(3)
    found.add({"type": "text", "text": "c"})
    found.add({"type": "text", "text": "d"})
    found.cite(4)
    found.add({"type": "image"})
    found.cite(5)

    assert found.blocks == [
        {"type": "text", "text": "ab", "citations": [1, 2]},
        {"type": "text", "text": "c", "citations": [3]},
        {"type": "text", "text": "d", "citations": [4]},
        {"type": "image"},
        {"type": "text", "text": "", "citations": [5]},
    ]
