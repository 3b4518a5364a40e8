"""How each tool reads the gateway: one row for a tool, its best way in first.

A way names the door that it needs, and is shown where that door is mounted. Its snippet is a file
in `templates/connect/`, a template that knows `origin`, the address of the gateway, and `key`,
what stands for a key, which is empty where none is wanted. A program takes its key from `KEY_NAME`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["DESCRIPTION", "KEY_NAME", "TOOLS", "Door", "Tool", "Way"]

KEY_NAME = "GATEWAY_KEY"
"""The variable of the environment in which programs find their key."""

DESCRIPTION = "switchboard.pbids"
"""What Power BI is told of this gateway, as a file to open."""


class Door(Enum):
    """A way in, by where it is."""

    GRAPHQL = "/graphql"
    ROWS = "/v1"
    ODATA = "/odata"
    QUERIES = "/q"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way by which a tool comes in."""

    door: Door
    file: str
    """The file in `templates/connect/`, without `.j2`."""
    steps: str
    """Where the snippet goes, in a sentence or two."""
    title: str = ""
    """What tells it from the other ways of the tool; empty for the only one."""
    key: str = ""
    """Where the key goes; empty where the snippet says it."""
    key_in_address: bool = False
    """Whether the key can stand in the address alone."""
    download: str = ""
    """What may be fetched instead of typing, as it is called below the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool, and how it comes in."""

    name: str
    """Its place on the page."""
    title: str
    group: str
    ways: tuple[Way, ...]


_SHELL, _CODE, _PIPES = "Command line", "Programs and notebooks", "Pipelines"
_SHEETS, _BI = "Spreadsheets", "Dashboards"
_BASIC = "Basic: any user name, and the key as the password."
_QUERY = "A question of your own"
_FILE = "A table as a file"
_FEED = "All tables, by OData"

TOOLS = (
    Tool(
        name="curl",
        title="curl",
        group=_SHELL,
        ways=(
            Way(
                door=Door.ROWS,
                file="curl.sh",
                title=_FILE,
                steps="In a terminal. Other endings make other files: .json, .ndjson, .xlsx.",
            ),
            Way(
                door=Door.QUERIES,
                file="curl-queries.sh",
                title="Named queries",
                steps=(
                    "In a terminal. It lists the queries that somebody has prepared here: each is "
                    "a file as the tables are, for every tool below."
                ),
            ),
            Way(
                door=Door.GRAPHQL,
                file="curl-graphql.sh",
                title=_QUERY,
                steps="In a terminal: GraphQL asks for exactly what is wanted.",
            ),
        ),
    ),
    Tool(
        name="gql",
        title="gql-cli",
        group=_SHELL,
        ways=(
            Way(
                door=Door.GRAPHQL,
                file="gql.sh",
                steps="In a terminal, after pip install 'gql[httpx]'.",
            ),
        ),
    ),
    Tool(
        name="pandas",
        title="pandas",
        group=_CODE,
        ways=(Way(door=Door.ROWS, file="pandas.py", steps="In a notebook."),),
    ),
    Tool(
        name="polars",
        title="polars",
        group=_CODE,
        ways=(Way(door=Door.ROWS, file="polars.py", steps="In a notebook."),),
    ),
    Tool(
        name="duckdb",
        title="DuckDB",
        group=_CODE,
        ways=(
            Way(
                door=Door.ROWS,
                file="duckdb.sql",
                steps="In its command line, or by duckdb.sql() of any language.",
            ),
        ),
    ),
    Tool(
        name="httpx",
        title="Python with httpx",
        group=_CODE,
        ways=(
            Way(
                door=Door.ROWS,
                file="httpx.py",
                title="A table",
                steps="In a program. What fails raises: a table is never half there.",
            ),
            Way(
                door=Door.GRAPHQL,
                file="httpx-graphql.py",
                title=_QUERY,
                steps="In a program. It reads every page of the table.",
            ),
        ),
    ),
    Tool(
        name="fetch",
        title="JavaScript with fetch",
        group=_CODE,
        ways=(
            Way(
                door=Door.GRAPHQL,
                file="fetch-graphql.mjs",
                title=_QUERY,
                steps=(
                    "In node, Deno or Bun. Of pages in a browser, those are let in whose origin "
                    "the settings name (cors_origins)."
                ),
            ),
            Way(
                door=Door.ROWS,
                file="fetch.mjs",
                title="A table",
                steps="In node, Deno or Bun.",
            ),
        ),
    ),
    Tool(
        name="insomnia",
        title="Insomnia, Postman, Bruno, Altair",
        group=_CODE,
        ways=(
            Way(
                door=Door.GRAPHQL,
                file="client.txt",
                steps="A new GraphQL request with this address. The schema loads by itself.",
            ),
        ),
    ),
    Tool(
        name="dlt",
        title="dlt",
        group=_PIPES,
        ways=(
            Way(
                door=Door.ROWS,
                file="dlt.py",
                steps="The tables land in DuckDB, or at any destination of yours.",
            ),
        ),
    ),
    Tool(
        name="airbyte",
        title="Airbyte",
        group=_PIPES,
        ways=(
            Way(
                door=Door.ROWS,
                file="airbyte.json",
                key_in_address=True,
                steps=(
                    "A source of the kind File (CSV, JSON, Excel, Feather, Parquet), "
                    "with these settings: one source for a table."
                ),
            ),
        ),
    ),
    Tool(
        name="excel",
        title="Excel",
        group=_SHEETS,
        ways=(
            Way(
                door=Door.ODATA,
                file="odata.txt",
                title=_FEED,
                steps="Data, Get Data, From Other Sources, From OData Feed; then choose tables.",
                key=_BASIC,
            ),
            Way(
                door=Door.ROWS,
                file="table.txt",
                title=_FILE,
                steps="Data, From Web, with this address.",
                key=_BASIC,
            ),
        ),
    ),
    Tool(
        name="sheets",
        title="Google Sheets",
        group=_SHEETS,
        ways=(
            Way(
                door=Door.ROWS,
                file="sheets.gs",
                title="By a script",
                steps=(
                    "Extensions, Apps Script; run it, or let a trigger run it every hour. "
                    "The gateway must be reachable from the internet."
                ),
                key=f"Project Settings, Script Properties: {KEY_NAME}, out of sight of the sheet.",
            ),
            Way(
                door=Door.ROWS,
                file="importdata.txt",
                title="By a formula",
                key_in_address=True,
                steps="In a cell. Google reads it again about every hour.",
                key="Whoever sees the sheet sees it: make one for this table's platform alone.",
            ),
        ),
    ),
    Tool(
        name="powerbi",
        title="Power BI",
        group=_BI,
        ways=(
            Way(
                door=Door.ODATA,
                file="odata.m",
                title=_FEED,
                download=DESCRIPTION,
                steps=(
                    "Open the file; or Get data, OData feed; or Get data, Blank query, Advanced "
                    "Editor, for one table with its parameters. It refreshes in the service too."
                ),
                key=_BASIC,
            ),
            Way(
                door=Door.ROWS,
                file="web.m",
                title=_FILE,
                steps="Get data, Blank query, Advanced Editor.",
                key=_BASIC,
            ),
            Way(
                door=Door.GRAPHQL,
                file="graphql.m",
                title=_QUERY,
                steps=(
                    "Get data, Blank query, Advanced Editor; access is anonymous, because "
                    "the query sends the key itself."
                ),
            ),
        ),
    ),
    Tool(
        name="tableau",
        title="Tableau",
        group=_BI,
        ways=(
            Way(
                door=Door.ODATA,
                file="tableau.txt",
                steps=(
                    "Connect, To a Server, More, OData. It makes an extract: of the last seven "
                    "days, until a filter on local_date says otherwise."
                ),
            ),
        ),
    ),
    Tool(
        name="superset",
        title="Superset",
        group=_BI,
        ways=(
            Way(
                door=Door.ODATA,
                file="superset.txt",
                title=_FEED,
                steps=(
                    "With the package in Superset's environment: Settings, Database Connections, "
                    "Other. It speaks https to every host but its own."
                ),
            ),
            Way(
                door=Door.GRAPHQL,
                file="superset-graphql.txt",
                title="A table with its parameters, by GraphQL",
                steps="Likewise, with this package.",
            ),
        ),
    ),
    Tool(
        name="grafana",
        title="Grafana (Infinity)",
        group=_BI,
        ways=(
            Way(
                door=Door.ROWS,
                file="grafana.txt",
                title="A table",
                steps="A panel over the time range of the dashboard, by the data source Infinity.",
                key=(
                    "In the data source: Authentication, Bearer Token; this address under "
                    "Allowed hosts."
                ),
            ),
            Way(
                door=Door.GRAPHQL,
                file="grafana-graphql.txt",
                title=_QUERY,
                steps="Likewise, by GraphQL.",
                key="In the data source, as before.",
            ),
        ),
    ),
    Tool(
        name="qlik",
        title="Qlik",
        group=_BI,
        ways=(
            Way(
                door=Door.ROWS,
                file="qlik.txt",
                key_in_address=True,
                steps="A data connection of the kind Web file, and a load script.",
            ),
        ),
    ),
    Tool(
        name="lookerstudio",
        title="Looker Studio",
        group=_BI,
        ways=(
            Way(
                door=Door.ROWS,
                file="lookerstudio.txt",
                steps="Through Google Sheets, which it reads and refreshes.",
            ),
        ),
    ),
)
