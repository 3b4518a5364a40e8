from __future__ import annotations

import struct
from pathlib import Path

import pytest
from scripts.screenshot import DOCS, PICTURES, PLACE, SIZE, graphiql_picture, page_picture
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LARGEST = 300_000
README = Path(__file__).parent.parent.parent / "README.md"


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_picture_can_be_made_again(browser: Browser, origin: str) -> None:
    picture = graphiql_picture(browser, origin)

    assert size(picture) == SIZE
    shown = browser.find(".graphiql-response").text
    assert shown.count('"value"') == 5  # four platforms, and all of them


def test_the_picture_of_the_readme_is_one_of_these() -> None:
    assert f"({PLACE.relative_to(README.parent)})" in README.read_text(encoding="utf-8")
    picture = PLACE.read_bytes()
    assert size(picture) == SIZE
    assert len(picture) < LARGEST


@pytest.mark.parametrize("number", range(len(PICTURES)))
def test_the_pictures_of_pages_can_be_made_again(
    browser: Browser, origin: str, number: int
) -> None:
    picture = PICTURES[number]

    assert size(page_picture(browser, origin, picture)) == picture.size
    kept = (DOCS / picture.file).read_bytes()
    assert size(kept) == picture.size
    assert len(kept) < LARGEST
    assert f"({picture.file})" in (DOCS / "pages.md").read_text(encoding="utf-8")
