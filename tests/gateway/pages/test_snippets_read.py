"""What `/connect` shows for tools that cannot run here is read as those would read it."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from tests.gateway.pages.running import RUNNERS
from tests.node.packages import INSTALL, installed, missing

from gateway.pages.connecting import KEY
from gateway.pages.tools import DESCRIPTION, TOOLS

pytestmark = pytest.mark.timeout(300)

BASIC = httpx.BasicAuth("any", KEY)
READ = {
    "airbyte.json",
    "client.txt",
    "grafana-graphql.txt",
    "grafana.txt",
    "graphql.m",
    "importdata.txt",
    "lookerstudio.txt",
    "odata.m",
    "odata.txt",
    "qlik.txt",
    "table.txt",
    "tableau.txt",
    "web.m",
}
"""Programs with a window, and those of others' servers."""


def get(address: str, *, auth: httpx.Auth | None = None) -> httpx.Response:
    answer = httpx.get(address, auth=auth, timeout=75, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer


def now_and_then(text: str) -> str:
    """Return the text as Grafana sends it: with the range of a dashboard filled in."""
    now = datetime.now(UTC)
    for name, moment in {"from": now - timedelta(days=2), "to": now}.items():
        text = text.replace(f"${{__{name}}}", str(int(moment.timestamp() * 1000)))
    assert "${" not in text
    return text


def asked_by(program: str) -> str:
    """Return the address that a program in M asks for."""
    base, *further = re.findall(r'(?:OData\.Feed|Web\.Contents)\("([^"]+)"', program)
    assert not further
    path = re.findall(r'RelativePath = "([^"]+)"', program)
    (query,) = re.findall(r"Query = \[(.*?)\]", program)
    pairs = re.findall(r'#?"?(\w+)"? = "([^"]*)"', query)
    return f"{'/'.join([base, *path])}?{urlencode(pairs)}"


def test_all_that_is_shown_is_run_or_read(snippets: dict[str, str]) -> None:
    ways = [way for tool in TOOLS for way in tool.ways]

    assert set(snippets) == RUNNERS.keys() | READ == {way.file for way in ways}
    assert not RUNNERS.keys() & READ
    assert len(snippets) == len(ways)


@pytest.mark.parametrize("name", ["graphql.m", "odata.m", "web.m"])
def test_power_query_can_read_its_program(
    snippets: dict[str, str], tmp_path: Path, name: str
) -> None:
    if programs := missing():
        message = f"not installed: {', '.join(programs)}; {INSTALL}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    right, wrong = tmp_path / "right.m", tmp_path / "wrong.m"
    right.write_text(snippets[name])
    wrong.write_text(snippets[name].replace("let", "led", 1))

    assert installed().run("powerquery.js", str(right)).stderr == ""
    assert installed().run("powerquery.js", str(wrong)).returncode == 1


def test_a_table_by_odata_is_there_for_power_query(snippets: dict[str, str]) -> None:
    rows = get(asked_by(snippets["odata.m"]), auth=BASIC).json()["value"]

    assert {row["indicator"] for row in rows} == {"CONVERSATIONS_STARTED", "FIRST_RESPONSE_TIME"}


def test_a_file_has_the_columns_that_power_query_gives_types(snippets: dict[str, str]) -> None:
    program = snippets["web.m"]
    head = get(asked_by(program), auth=BASIC).text.splitlines()[0].split(",")

    typed = re.findall(r'\{"(\w+)", (?:type \w+|Int64\.Type)\}', program)
    assert len(typed) > 5
    assert set(typed) < set(head)


def test_power_bi_opens_the_file_in_the_documented_form(origin: str) -> None:
    answer = get(f"{origin}/connect/{DESCRIPTION}")
    file = answer.json()

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="switchboard.pbids"'
    assert KEY not in answer.text
    assert file == {
        "version": "0.1",
        "connections": [
            {
                "details": {"protocol": "odata", "address": {"url": f"{origin}/odata/"}},
                "options": {},
                "mode": "Import",
            }
        ],
    }
    assert get(file["connections"][0]["details"]["address"]["url"], auth=BASIC).json()["value"]


def test_the_page_leads_to_that_file(origin: str) -> None:
    page = httpx.get(f"{origin}/connect", headers={"Accept": "text/html"}, trust_env=False).text

    (link,) = re.findall(r'href="([^"]+\.pbids)" download', page)
    assert get(f"{origin}{link}").json()["version"] == "0.1"


@pytest.mark.parametrize("name", ["odata.txt", "table.txt"])
def test_an_address_for_excel_is_answered_once_it_has_asked_for_a_password(
    snippets: dict[str, str], name: str
) -> None:
    refused = httpx.get(snippets[name], timeout=75, trust_env=False)

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert get(snippets[name], auth=BASIC).content


def test_tableau_is_told_where_and_who(snippets: dict[str, str]) -> None:
    told = dict(re.findall(r"(?m)^(\w+) {2,}(.+)$", snippets["tableau.txt"]))

    auth = httpx.BasicAuth(told["Username"], told["Password"])
    assert told["Authentication"] == "Username and Password"
    assert get(told["Server"], auth=auth).json()["@odata.context"] == f"{told['Server']}$metadata"


def test_a_formula_holds_all_that_it_needs(snippets: dict[str, str]) -> None:
    (address,) = re.findall(r'^=IMPORTDATA\("([^"]+)"\)$', snippets["importdata.txt"])

    assert get(address).text.startswith("platform,")


def test_airbyte_is_told_its_settings(snippets: dict[str, str]) -> None:
    settings = json.loads(snippets["airbyte.json"])

    assert settings["format"] == "csv"
    assert settings["provider"]["storage"] == "HTTPS"
    assert get(settings["url"]).text.startswith("platform,indicator,")


def test_qlik_loads_what_it_is_connected_to(snippets: dict[str, str]) -> None:
    (name,) = re.findall(r"with the name (\w+):", snippets["qlik.txt"])
    (address,) = re.findall(r"(?m)^http.*$", snippets["qlik.txt"])

    assert f"FROM [lib://{name}]" in snippets["qlik.txt"]
    assert get(address).text.startswith("platform,indicator,")


def test_grafana_finds_its_columns(snippets: dict[str, str]) -> None:
    told = snippets["grafana.txt"]
    (address,) = re.findall(r"(?m)^URL +(.+)$", told)
    columns = re.findall(r"(?m)(\w+) +as (?:Time|String|Number)", told)

    rows = get(now_and_then(address), auth=BASIC).json()
    assert rows
    assert set(columns) < set(rows[0])
    assert len(columns) == 3


def test_grafana_asks_a_question(snippets: dict[str, str]) -> None:
    told = snippets["grafana-graphql.txt"]
    (address,) = re.findall(r"(?m)^URL +(.+)$", told)
    query = now_and_then(told[told.index("\n{") :])
    answer = httpx.post(address, json={"query": query}, auth=BASIC, timeout=75, trust_env=False)

    body = answer.json()
    assert "errors" not in body
    for step in re.findall(r"(?m)^Rows/Root +data\.(.+)$", told)[0].split("."):
        body = body.get("data", body)[step]
    assert set(body[0]["node"]) == set(re.findall(r"node\.(\w+)", told))


def test_other_programs_are_told_a_request(snippets: dict[str, str]) -> None:
    head, _, body = snippets["client.txt"].partition("\n\n")
    (first, *lines) = head.splitlines()
    method, address = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    answer = httpx.request(
        method, address, headers=headers, content=body, timeout=75, trust_env=False
    )

    assert len(answer.json()["data"]["platforms"]) == 4


def test_behind_a_proxy_the_address_is_the_one_that_was_asked(origin: str) -> None:
    headers = {"Accept": "text/html", "Host": "data.test", "X-Forwarded-Proto": "https"}
    for path in ("/connect", f"/connect/{DESCRIPTION}"):
        page = httpx.get(f"{origin}{path}", headers=headers, trust_env=False).text

        assert "https://data.test/odata/" in page
        assert origin not in page
