"""What mkdocs does besides rendering: tables from the code, a page for each provider, the picture.

See `tables.py` for the tables. A name that no table has stops the build.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from tables import DECISIONS, TABLES, provider_page

from dragoman.providers.table import PROVIDERS

__all__ = ["on_config", "on_files", "on_page_markdown"]

_MARK = re.compile(r"<!-- table: (\w+) -->")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the generated pages and the decisions into the navigation."""
    nav: Any = config.nav
    sections = {title: pages for section in nav for title, pages in section.items()}
    generated = [f"reference/providers/{name}.md" for name in PROVIDERS]
    sections["Reference"].insert(1, {"Providers": ["reference/providers.md", *generated]})
    decisions = [f"decisions/{path.name}" for path in sorted(DECISIONS.glob("[0-9]*.md"))]
    sections["Explanation"].append({"Decisions": ["decisions/index.md", *decisions]})
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add a page for each provider."""
    for name in PROVIDERS:
        path = f"reference/providers/{name}.md"
        files.append(File.generated(config, path, content=provider_page(name)))
    # Reload when the code changes, too.
    config.watch.append(str(Path(__file__).parents[1] / "src"))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the tables where the page asks for them."""
    return _MARK.sub(lambda mark: TABLES[mark[1]](), markdown)
