"""Every block of the documentation is run as it is written; see `reader.py` for how."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, blocks
from tests.docs.reader import Reader

MOST_NOT_RUN = 12


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("page", [page for page in PAGES if any(blocks(page))], ids=_name)
def test_every_block_does_what_its_page_says(
    page: Path, world: Mapping[str, str], tmp_path: Path
) -> None:
    with Reader(tmp_path, world) as reader:
        for block in blocks(page):
            if not block.why_not:
                reader.follow(block)

        assert reader.programs == set(), "programs that the page writes and never runs"


def test_few_blocks_are_not_run() -> None:
    """Each says why; a page that cannot be followed here should be written differently."""
    not_run = [
        f"{block}: {block.why_not}" for page in PAGES for block in blocks(page) if block.why_not
    ]

    assert len(not_run) <= MOST_NOT_RUN, "\n".join(not_run)


@pytest.mark.parametrize(
    "page", [*PAGES, *ROOT.glob("C*.md"), *ROOT.glob("changes/*.md")], ids=_name
)
def test_a_link_to_a_file_leads_to_it(page: Path) -> None:
    """Of the docs, `mkdocs build --strict` looks at anchors, too; nothing else looks at README."""
    text = page.read_text("utf-8")
    targets = re.findall(r"\]\(([^)\s#]+)[^)]*\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    inner = [
        target for target in targets if "://" not in target and "reference/providers/" not in target
    ]

    assert [target for target in inner if not (page.parent / target).exists()] == []
