"""Builds the site of the documents: the pages of docs/, and those that are made from the code.

.venv/bin/python -m scripts.site [FOLDER]

What is made from the code is made here, at each build, so that no stale copy of it can be kept.
A file outside docs/ that a page links to becomes a page that shows it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from typer.cli import get_docs_for_click

from gateway.cli import app
from scripts import schema_reference

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SITE = ROOT / "build" / "site"

_ELSEWHERE: Mapping[str, str] = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "ADDING_A_PLATFORM.md": "adding-a-platform.md",
    "examples/python/README.md": "examples/python.md",
    "examples/typescript/README.md": "examples/typescript.md",
}
"""Pages that stand elsewhere in the repository, and where they stand on the site."""

FURTHER = "Further"
"""The section of pages that docs/navigation.toml does not name."""

_SHOWN = "shown"
"""The folder of the pages that show files."""

_LANGUAGES: Mapping[str, str] = {
    ".graphql": "graphql",
    ".js": "js",
    ".json": "json",
    ".py": "python",
    ".toml": "toml",
    ".ts": "ts",
    ".yaml": "yaml",
    ".yml": "yaml",
}

_PLAIN = {"schema/schema.graphql", "docs/schema-baseline.graphql"}
"""Files in a form that the colouring of their language does not know: schemas, not operations."""

_LINK = re.compile(r"(?P<before>\]\()(?P<path>[^)#\s]+)(?P<after>(?:#[^)\s]*)?\))")
_IMAGES = {".png", ".svg", ".jpg", ".webp"}


@dataclass(slots=True)
class Layout:
    """The pages of the site by their places, and the files that they show and lack yet."""

    pages: dict[str, str] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)

    def add(self, place: str, text: str, origin: str) -> None:
        """Add a page, its links turned from where it stands in the repository to the site."""
        self.pages[place] = _LINK.sub(lambda link: self._link(link, place, origin), text)

    def show(self) -> None:
        """Add a page for each file that is linked to, and the list of them."""
        listed = sorted(self.shown)
        for path in listed:
            self.pages[f"{_SHOWN}/{path}.md"] = _showing(path)
        entries = "\n".join(f"{path} <{path}.md>" for path in listed)
        self.pages[f"{_SHOWN}/index.md"] = (
            "# Files\n\nWhat other pages refer to, as it stands in the repository.\n\n"
            f"```{{toctree}}\n{entries}\n```\n"
        )

    def _link(self, link: re.Match[str], place: str, origin: str) -> str:
        target = (ROOT / origin).parent.joinpath(link["path"]).resolve()
        if not target.is_relative_to(ROOT) or not target.exists():
            return link[0]
        path = target.relative_to(ROOT).as_posix()
        found = self._place(path, target)
        up = "../" * place.count("/")
        return f"{link['before']}{up}{found}{link['after']}"

    def _place(self, path: str, target: Path) -> str:
        """Return where on the site something of the repository stands."""
        if target.is_dir():
            return f"{_SHOWN}/index.md"
        if path in _ELSEWHERE:
            return _ELSEWHERE[path]
        if path.startswith("docs/") and target.suffix in {".md", *_IMAGES}:
            return _named(path.removeprefix("docs/"))
        self.shown.add(path)
        return f"{_SHOWN}/{path}.md"


def main() -> int:
    """Build the site into build/site, or a folder that is named, and return Sphinx's status."""
    site = Path(sys.argv[1]).resolve() if sys.argv[1:] else SITE
    source = site.with_name(f"{site.name}-source")
    shutil.rmtree(site, ignore_errors=True)
    shutil.rmtree(source, ignore_errors=True)
    for place, text in lay_out().items():
        path = source / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in DOCS.rglob("*"):
        if path.suffix in _IMAGES:
            shutil.copy(path, source / path.relative_to(DOCS))
    return _sphinx(source, site)


def lay_out() -> dict[str, str]:
    """Return all pages of the site, by their places."""
    layout = Layout()
    for path in sorted(DOCS.rglob("*.md")):
        within = path.relative_to(DOCS).as_posix()
        layout.add(_named(within), path.read_text(encoding="utf-8"), f"docs/{within}")
    for origin, place in _ELSEWHERE.items():
        if place not in layout.pages:
            layout.add(place, (ROOT / origin).read_text(encoding="utf-8"), origin)
    for name, text in schema_reference.pages().items():
        layout.add(f"reference/schema/{name}.md", text, f"docs/reference/schema/{name}.md")
    layout.add("reference/commands.md", _commands(), "docs/reference/commands.md")
    layout.show()
    layout.pages["adr/index.md"] += _tree("", ["*"], glob=True)
    layout.pages["index.md"] += "".join(
        _tree(caption, pages) for caption, pages in navigation(layout.pages).items()
    )
    return layout.pages


def navigation(pages: Iterable[str]) -> dict[str, list[str]]:
    """Return the pages of each section; those that none names are the last section."""
    told = tomllib.loads((DOCS / "navigation.toml").read_text(encoding="utf-8"))
    sections: dict[str, list[str]] = {one["title"]: list(one["pages"]) for one in told["sections"]}
    named = {page for section in sections.values() for page in section}
    inner = ("adr/", "reference/", f"{_SHOWN}/", "index.md")
    rest = [page for page in sorted(pages) if page not in named and not page.startswith(inner)]
    return sections | ({FURTHER: rest} if rest else {})


def _tree(caption: str, pages: list[str], *, glob: bool = False) -> str:
    options = [":hidden:", *([":glob:"] if glob else [])]
    if caption:
        options.append(f":caption: {caption}")
    return "\n".join(["", "```{toctree}", *options, "", *pages, "```", ""])


def _named(path: str) -> str:
    """Return where a page of docs/ stands: a folder's README is the folder's index."""
    return re.sub(r"(^|/)README\.md$", r"\1index.md", path)


def _showing(path: str) -> str:
    text = (ROOT / path).read_text(encoding="utf-8")
    language = "text" if path in _PLAIN else _LANGUAGES.get(Path(path).suffix, "text")
    return f"---\nnosearch: true\n---\n# {path}\n\n``````{language}\n{text}\n``````\n"


def _commands() -> str:
    """Return the reference of the command line, as Typer tells it."""
    command = typer.main.get_command(app)
    _tell_whole(command)
    context = typer.Context(command, info_name="switchboard")
    return get_docs_for_click(obj=command, ctx=context, name="switchboard", title="Commands")


def _tell_whole(command: Any) -> None:  # noqa: ANN401 (Typer's click is not told of by types)
    """Have lists of commands say of each what its help says first, and not the half of it."""
    for one in getattr(command, "commands", {}).values():
        one.short_help = (one.help or "").partition("\n\n")[0].replace("\n", " ")
        _tell_whole(one)


def _sphinx(source: Path, site: Path) -> int:
    """Run Sphinx, to which every warning is an error, a link that leads nowhere among them."""
    options = ["--fail-on-warning", "--nitpicky", "--quiet", "--jobs", "auto"]
    doctrees = site.with_name(f"{site.name}-doctrees")
    folders = [str(one) for one in ("-c", DOCS, "-d", doctrees, source, site)]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-E", *options, *folders], check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
