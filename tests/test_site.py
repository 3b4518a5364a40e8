"""The site of the documents is whole: built without a warning, linked throughout, sufficient."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from scripts import schema_reference
from scripts.site import FURTHER, ROOT, Layout, navigation
from selenium.webdriver.common.keys import Keys
from tests.browser.chromium import INSTALL, Browser, chromium, missing

pytestmark = pytest.mark.timeout(300)

DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))
GRAPHQL = re.compile(r"^```graphql\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(text, id=f"{path.relative_to(ROOT)}-{number}")
    for path in (*sorted(ROOT.glob("*.md")), *DOCUMENTS)
    for number, text in enumerate(GRAPHQL.findall(path.read_text(encoding="utf-8")))
]
LOADED = {
    ("script", "src"),
    ("img", "src"),
    ("source", "src"),
    ("iframe", "src"),
    ("video", "src"),
    ("link", "href"),
}
"""What a browser fetches by itself."""


@dataclass
class Page(HTMLParser):
    """What a page links to, what it loads, and where it can be linked to."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    navigation: set[str] = field(default_factory=set)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.loads += [given[name] for one, name in LOADED if one == tag and name in given]
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if "reference" in given.get("class", "").split():
                self.navigation.add(given["href"])

    def handle_data(self, data: str) -> None:
        self.text += data


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make site` builds it: a warning is a failure."""
    folder = tmp_path_factory.mktemp("documents") / "site"
    built = subprocess.run(
        [sys.executable, "-m", "scripts.site", str(folder)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (built.returncode, built.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: read(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(schema_reference.SDL.read_text(encoding="utf-8"))


def lost(site: Path, pages: dict[Path, Page]) -> Iterator[str]:
    """Yield the links within the site that lead nowhere."""
    for path, page in pages.items():
        for link in (*page.links, *page.loads):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchored = not parts.fragment or target not in pages
            if not target.is_file() or not (
                anchored or unquote(parts.fragment) in pages[target].anchors
            ):
                yield f"{path.relative_to(site)}: {link}"


def test_every_link_and_anchor_leads_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 1000
    assert list(lost(site, pages)) == []


def test_a_link_that_leads_nowhere_is_found(site: Path) -> None:
    path = site / "index.html"
    page = Page()
    page.feed('<p id="here"></p><a href="#here"></a><a href="#gone"></a><img src="no.png">')

    assert list(lost(site, {path: page})) == ["index.html: #gone", "index.html: no.png"]


def test_every_page_of_the_documents_is_in_the_navigation(
    site: Path, pages: dict[Path, Page]
) -> None:
    first = pages[site / "index.html"]
    reached = {urlsplit(link).path for link in first.navigation | pages_of_decisions(site, pages)}
    wanted = {
        re.sub(r"README$", "index", path.relative_to(ROOT / "docs").with_suffix("").as_posix())
        for path in DOCUMENTS
    }

    assert {f"{name}.html" for name in wanted - {"index"}} - reached == set()


def test_a_page_that_no_section_names_stands_at_the_end() -> None:
    sections = navigation(["index.md", "new.md", "adr/0001.md", "settings.md"])

    assert list(sections)[-1] == FURTHER
    assert sections[FURTHER] == ["new.md"]
    assert FURTHER not in navigation(["index.md", "settings.md"])


def test_links_are_turned_from_the_repository_to_the_site() -> None:
    layout = Layout()
    layout.add(
        "adr/index.md",
        "[a](../settings.md#limits) [b](../../examples/by-channel.graphql) [c](#here) [d](gone.md)"
        " [e](../../CHANGELOG.md) ![f](../graphiql.png) [g](https://example.com/x.md)",
        "docs/adr/README.md",
    )
    layout.show()

    assert layout.pages["adr/index.md"] == (
        "[a](../settings.md#limits) [b](../shown/examples/by-channel.graphql.md) [c](#here)"
        " [d](gone.md) [e](../changelog.md) ![f](../graphiql.png) [g](https://example.com/x.md)"
    )
    assert "``````graphql\n" in layout.pages["shown/examples/by-channel.graphql.md"]


def pages_of_decisions(site: Path, pages: dict[Path, Page]) -> set[str]:
    return {f"adr/{link}" for link in pages[site / "adr" / "index.html"].navigation}


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    loaded = [link for page in pages.values() for link in page.loads]
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        loaded += re.findall(r"""(?:url\(|@import\s)\s*["']?([^"')\s]+)""", text)

    assert len(loaded) > len(pages)
    assert [one for one in loaded if re.match(r"(?:https?:)?//", one)] == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; where there can be none, its tests are skipped, but not in CI."""
    if programs := missing():
        message = f"not installed: {', '.join(programs)}; {INSTALL}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    with chromium() as one:
        yield one


@pytest.mark.browser
def test_the_search_needs_neither_server_nor_network(browser: Browser, site: Path) -> None:
    browser.open(f"{(site / 'search.html').as_uri()}?q=idempotencyKey")

    found = browser.wait(
        "const all = [...document.querySelectorAll('#search-results li a')];"
        "return all.length && all.map(one => new URL(one.href).pathname.split('/').pop());"
    )
    assert "changes.html" in found
    assert not any(name.endswith("schema.graphql.html") for name in found)
    # The browser's own first page is not ours.
    assert {urlsplit(address).scheme for address in browser.requested()} - {"chrome"} == {"file"}
    assert browser.complaints() == []


@pytest.mark.browser
def test_what_is_copied_is_what_is_typed(browser: Browser, site: Path) -> None:
    browser.open((site / "doors.html").as_uri())
    browser.run(
        "addEventListener('copy', () => { window.copied = document.activeElement.value; }, true);"
    )

    browser.find(".highlight-console button.copybtn").send_keys(Keys.ENTER)

    lines = browser.wait("return window.copied").splitlines()
    assert len(lines) > 3
    assert {line.split()[0] for line in lines} == {"curl", "-d"}


@pytest.mark.browser
def test_pages_follow_the_theme_of_the_system(browser: Browser, site: Path) -> None:
    background = "return getComputedStyle(document.body).backgroundColor"
    browser.open((site / "index.html").as_uri())

    browser.prefer("light")
    assert browser.run(background) == "rgb(255, 255, 255)"
    browser.prefer("dark")
    browser.wait(f"{background} !== 'rgb(255, 255, 255)'")


def test_every_type_and_operation_has_an_address(
    schema: GraphQLSchema, site: Path, pages: dict[Path, Page]
) -> None:
    roots = [schema.query_type, schema.mutation_type, schema.subscription_type]
    named = {root.name for root in roots if root}
    wanted = {
        f"type-{name.lower()}"
        for name, one in schema.type_map.items()
        if one.ast_node is not None and name not in named
    } | {f"{root.name}-{name}".lower() for root in roots if root for name in root.fields}
    anchors = {
        anchor
        for path, page in pages.items()
        if path.is_relative_to(site / "reference" / "schema")
        for anchor in page.anchors
    }

    assert len(wanted) > 200
    assert wanted - anchors == set()


def test_the_command_line_is_told_whole(site: Path, pages: dict[Path, Page]) -> None:
    text = pages[site / "reference" / "commands.html"].text

    for command in ("serve", "check", "query", "plan", "schema export", "cache purge", "keys new"):
        assert f"switchboard {command}" in text
    assert "Tell which flat tables there are: what a row is, the columns" in text
    assert "a..." not in text


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_fit_the_schema(text: str, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(text)) == []


def test_a_schema_is_told_with_defaults_deprecations_and_what_uses_what() -> None:
    pages = schema_reference.pages(
        """
        "What is asked."
        type Query {
          "A thing."
          thing("Which one." kind: Kind! = OLD, "Whose." of: ID = null): Thing
        }
        "A thing | of ours."
        type Thing {
          "Its name."
          name("How long." most: Int = 3): String! @deprecated(reason: "Ask for more.")
        }
        "Kinds."
        enum Kind {
          "An old one."
          OLD
        }
        """
    )

    assert "| `kind` = `OLD` | [`Kind!`](#type-kind) | Which one. |" in pages["queries"]
    assert "| `of` | `ID` | Whose. |" in pages["queries"]
    assert "| `name` | `String!` | Its name. *Deprecated: Ask for more.* |" in pages["objects"]
    assert "| ⤷ `most` = `3` | `Int` | How long. |" in pages["objects"]
    assert "| `OLD` | An old one. |" in pages["enumerations"]
    assert set(pages) == {"index", "queries", "objects", "enumerations"}
