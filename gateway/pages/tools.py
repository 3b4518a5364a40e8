"""How each tool reads the gateway: one row for a tool, shown where its door is mounted.

A row names the door that it needs. Its snippet is a file in `templates/connect/`, a template that
knows `origin` and `key`, which is empty where none is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["TOOLS", "Door", "Tool"]


class Door(Enum):
    """A way in, by where it is."""

    GRAPHQL = "/graphql"
    ROWS = "/v1"
    ODATA = "/odata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool, and how it comes in."""

    name: str
    """Names its snippet's file, and its place on the page."""
    title: str
    group: str
    door: Door
    file: str
    """The file in `templates/connect/`, without `.j2`."""
    steps: str
    """Where the snippet goes, in a sentence or two."""


_SHELL, _CODE, _SHEETS, _BI = "Command line", "Programs and notebooks", "Spreadsheets", "Dashboards"

TOOLS = (
    Tool(
        name="curl",
        title="curl",
        group=_SHELL,
        door=Door.GRAPHQL,
        file="curl.sh",
        steps="In a terminal.",
    ),
    Tool(
        name="gql",
        title="gql-cli",
        group=_SHELL,
        door=Door.GRAPHQL,
        file="gql.sh",
        steps="In a terminal, after pip install 'gql[httpx]'.",
    ),
    Tool(
        name="httpx",
        title="Python with httpx",
        group=_CODE,
        door=Door.GRAPHQL,
        file="httpx.py",
        steps="In a program. It reads every page of the table.",
    ),
    Tool(
        name="pandas",
        title="pandas",
        group=_CODE,
        door=Door.GRAPHQL,
        file="pandas.py",
        steps="In a notebook: a row for each day and platform, then a column for each platform.",
    ),
    Tool(
        name="polars",
        title="polars",
        group=_CODE,
        door=Door.GRAPHQL,
        file="polars.py",
        steps="In a notebook.",
    ),
    Tool(
        name="duckdb",
        title="DuckDB",
        group=_CODE,
        door=Door.GRAPHQL,
        file="duckdb.sh",
        steps="In a terminal: curl fetches, DuckDB asks. Its command line reads what comes.",
    ),
    Tool(
        name="dlt",
        title="dlt",
        group=_CODE,
        door=Door.GRAPHQL,
        file="dlt.py",
        steps="In a pipeline: the table lands in DuckDB, or at any destination of yours.",
    ),
    Tool(
        name="fetch",
        title="JavaScript with fetch",
        group=_CODE,
        door=Door.GRAPHQL,
        file="fetch.mjs",
        steps="In a browser, node, Deno or Bun. Pages of other origins are let in by the settings.",
    ),
    Tool(
        name="insomnia",
        title="Insomnia, Postman, Bruno, Altair",
        group=_CODE,
        door=Door.GRAPHQL,
        file="client.txt",
        steps="A new GraphQL request with this address. The schema loads by itself.",
    ),
    Tool(
        name="excel",
        title="Excel",
        group=_SHEETS,
        door=Door.GRAPHQL,
        file="powerquery.m",
        steps=(
            "Data, Get Data, From Other Sources, Blank Query, Advanced Editor; "
            "access is anonymous, because the query sends the key itself."
        ),
    ),
    Tool(
        name="sheets",
        title="Google Sheets",
        group=_SHEETS,
        door=Door.GRAPHQL,
        file="sheets.gs",
        steps=(
            "Extensions, Apps Script; run it, or let a trigger run it every hour. "
            "The gateway must be reachable from the internet."
        ),
    ),
    Tool(
        name="powerbi",
        title="Power BI",
        group=_BI,
        door=Door.GRAPHQL,
        file="powerquery.m",
        steps=(
            "Get data, Blank query, Advanced Editor; access is anonymous, because the query "
            "sends the key itself. It refreshes in the service too."
        ),
    ),
    Tool(
        name="grafana",
        title="Grafana (Infinity)",
        group=_BI,
        door=Door.GRAPHQL,
        file="grafana.txt",
        steps="With the data source Infinity: a panel over the time range of the dashboard.",
    ),
    Tool(
        name="superset",
        title="Superset",
        group=_BI,
        door=Door.GRAPHQL,
        file="superset.txt",
        steps="With the package in its own environment: Settings, Database Connections, Other.",
    ),
    Tool(
        name="lookerstudio",
        title="Looker Studio",
        group=_BI,
        door=Door.GRAPHQL,
        file="lookerstudio.txt",
        steps="Through Google Sheets, which it reads and refreshes.",
    ),
)
