"""What is written for people is true: settings, links, and the vendors' names in the first page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripts.settings_reference import reference

from gateway.configuration.reading import load
from vendors.registry import specs

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "vendors").rglob("*.md"),
    )
    if ".venv" not in path.parts
)


def test_the_settings_page_is_current() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert written == reference(), "run `.venv/bin/python -m scripts.settings_reference`"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)

    lost = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert lost == []


def test_the_first_page_names_every_vendor_and_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    for name, spec in specs().items():
        assert f"[{spec.title}](docs/platforms/{name}.md)" in text
    for command in ("serve", "check", "query FILE", "schema export", "config show", "keys new"):
        assert f"`switchboard {command}`" in text


def test_the_first_page_opens_with_a_sentence_a_picture_and_the_start() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    places = [
        text.index(one) for one in ("**One GraphQL query", "![", "## Sixty seconds", "make run")
    ]

    assert places == sorted(places)


def test_the_settings_of_the_first_page_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (settings,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    file = tmp_path / "switchboard.toml"
    file.write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in re.findall(r"\$\{(\w+)\}", settings):
        monkeypatch.setenv(name, "0" * 64)

    loaded = load(specs(), config=file).settings

    assert [one.key for one in loaded.platforms] == ["iadvize-fr", "livechat"]
    assert loaded.complaints() == ()
