"""What an extra is needed for is told, and costs nothing else."""

from __future__ import annotations

import json
import sys

import pytest
from tests.gateway.rows.serving import opened

EXTRAS = {"arrow": "parquet", "parquet": "parquet", "xlsx": "xlsx"}


@pytest.mark.parametrize(("form", "package"), [("arrow", "pyarrow"), ("xlsx", "xlsxwriter")])
async def test_files_that_need_an_extra_name_it(
    form: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # That is how Python itself notes that there is no such package.
    monkeypatch.setitem(sys.modules, package, None)
    async with opened("oak") as files:
        answer = await files.get(f"/v1/agents.{form}")
        told = json.loads((await files.get("/v1/")).text)
        others = await files.get("/v1/agents.csv")

    assert (answer.status_code, answer.json()["extra"]) == (501, EXTRAS[form])
    assert answer.headers["content-type"] == "application/problem+json"
    missing = {name for name, one in told["forms"].items() if not one["installed"]}
    assert missing == {name for name, extra in EXTRAS.items() if extra == EXTRAS[form]}
    assert others.status_code == 200
