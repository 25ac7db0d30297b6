"""The generated parts of the documentation: each manual's flags and the README's table of tools."""

import importlib
from collections.abc import Iterator
from pathlib import Path

from build import registry
from common import cli

ROOT = Path(__file__).resolve().parent.parent


def load(tool: registry.Tool) -> cli.Tool:
    """The command line of a tool, from its main module."""
    found: cli.Tool = importlib.import_module(f"tools.{tool.package}.main").TOOL
    return found


def with_block(text: str, name: str, content: str) -> str:
    """`text` with what stands between <!-- name --> and <!-- /name --> replaced.

    Raises ValueError when the markers are missing.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"the markers {start} and {end} are missing")
    return f"{before}{start}\n{content}\n{end}{after}"


def flags_block(tool: cli.Tool) -> str:
    """What -h prints, up to its examples, as Markdown; that of its commands behind it."""
    texts = [cli.help_text(one).partition("\n\nExamples:")[0] for one in (tool, *tool.commands)]
    return "\n\n".join(f"```text\n{text}\n```" for text in texts)


def tools_table(tools: registry.Registry) -> str:
    """One row a tool: its manual and its summary."""
    rows = [
        f"| [`{tool.name}`](tools/{tool.package}/README.md) | {tool.summary} |"
        for tool in tools.tools.values()
    ]
    return "\n".join(["| tool | what it does |", "| --- | --- |", *rows])


def pages(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Every page with a generated part, as it should be."""
    tools = registry.read()
    for tool in tools.tools.values():
        manual = root / "tools" / tool.package / "README.md"
        yield manual, with_block(manual.read_text("utf-8"), "flags", flags_block(load(tool)))
    readme = root / "README.md"
    yield readme, with_block(readme.read_text("utf-8"), "tools", tools_table(tools))
