"""What cannot be answered as rows is refused when files are loaded: with its line and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema
from tests.gateway.fakes import Grove
from tests.gateway.queries.written import STAFF, folder_of, read
from tests.gateway.serving import real_settings

from gateway.app import create_app
from gateway.configuration.complaints import ConfigurationError
from gateway.queries.documents import UnfitQueryError
from gateway.queries.loading import load_queries
from gateway.queries.named import NamedQuery
from schema import build_schema as real_schema

REAL = real_schema([])._schema  # noqa: SLF001 (what is executed)
SMALL = build_schema(
    "type Query { count: Big things: [Thing] } type Thing { size: Big } scalar Big"
)

NODES = "# Agents.\n# rows: agents.nodes\n"

REFUSED = {
    "a syntax error": (f"{NODES}query {{ agents {{", 3, "Syntax Error"),
    "no rule": ("# Agents.\nquery { agents { nodes { name } } }", 1, "`# rows: indicators"),
    "two rules": (f"{NODES}# rows: agents\nquery {{ agents {{ nodes {{ name }} }} }}", 1, "one"),
    "a bad path": ("# A.\n# rows: agents..nodes\nquery { agents { nodes { name } } }", 2, "dots"),
    "no description": ("# rows: agents.nodes\nquery { agents { nodes { name } } }", 1, "tells"),
    "a fragment alone": (f"{NODES}fragment A on Agent {{ name }}", 1, "exactly one operation"),
    "two operations": (
        f"{NODES}query A {{ agents {{ nodes {{ name }} }} }}\nquery B {{ __typename }}",
        4,
        "exactly one operation",
    ),
    "a mutation": (
        '# A.\n# rows: x\nmutation { purgeCache(platform: "a") { removed } }',
        3,
        "is a mutation",
    ),
    "a subscription": ("# A.\n# rows: x\nsubscription { a }", 3, "is a subscription"),
    "an unknown field": (f"{NODES}query {{\n agents {{ nodes {{ nickname }} }} }}", 4, "nickname"),
    "a step that is not selected": (
        "# A.\n# rows: agents.edges\nquery { agents { nodes { name } } }",
        2,
        "`agents.edges`, which is not selected; there are nodes",
    ),
    "a path without a list": (
        '# A.\n# rows: node\nquery { node(id: "x") { id } }',
        2,
        "there is no list",
    ),
    "a path to scalars": (
        "# A.\n# rows: agents.nodes.roles\nquery { agents { nodes { name roles } } }",
        2,
        "holds no objects",
    ),
    "a list beside the path": (
        f"{NODES}query {{ agents {{ nodes {{ name\n roles }} }} }}",
        4,
        "`agents.nodes.roles` is a list beside `# rows: agents.nodes`: take it out",
    ),
    "lists side by side": (
        f"{NODES}query {{ agents {{ nodes {{ name }}\n edges {{ cursor }} }} }}",
        4,
        "`agents.edges` is a list beside",
    ),
    "names that clash": (
        """# A.
# rows: indicators.series.points
query { indicators { series { value points {
 value } } } }""",
        4,
        "two columns would be called `value`: give one of them an alias",
    ),
    "names that clash in capitals": (
        f"{NODES}query {{ agents {{ nodes {{ name\n Name: label }} }} }}",
        4,
        "alias",
    ),
    "@include": (
        f"{NODES}query ($a: Boolean!) {{ agents {{ nodes {{ id name @include(if: $a) }} }} }}",
        3,
        "`@include` changes",
    ),
    "@skip of a fragment": (
        f"{NODES}query {{ agents {{ nodes {{ id ... @skip(if: true) {{ name }} }} }} }}",
        3,
        "`@skip` changes",
    ),
    "@defer": (
        f"{NODES}query {{ agents {{ nodes {{ id ... @defer {{ name }} }} }} }}",
        3,
        "`@defer` changes",
    ),
    "first on the path": (
        f"{NODES}query {{ agents(\n first: 5) {{ nodes {{ name }} }} }}",
        4,
        "`agents` takes no `first` here",
    ),
    "after on the path": (
        f"{NODES}query ($a: String) {{ agents(after: $a) {{ nodes {{ name }} }} }}",
        3,
        "`agents` takes no `after` here",
    ),
    "a cut list on the path": (
        "# A.\n# rows: indicators.series\nquery { indicators { series(first: 3) { value } } }",
        3,
        "`indicators.series` takes no `first` here",
    ),
    "an input object": (
        """# A.
# rows: conversations.nodes
query ($p: PeriodInput) { conversations(period: $p) { nodes { id } } }""",
        3,
        "`period: { between: { from: $from, to: $to } }`",
    ),
    "a variable called limit": (
        f"{NODES}query ($limit: [String!]) {{ agents(platforms: $limit) {{ nodes {{ id }} }} }}",
        3,
        "`$limit` has the name of what every file takes",
    ),
    "a variable called api_key": (
        """# A.
# rows: nodes
query ($api_key: [ID!]!) { nodes(ids: $api_key) { id } }""",
        3,
        "`$api_key`",
    ),
    "words about no variable": (
        f"{NODES}# $day: The day.\nquery {{ agents {{ nodes {{ id }} }} }}",
        1,
        "`# $day:` is about a variable that is not there",
    ),
    "the schema itself": (
        "# A.\n# rows: __schema.types\nquery { __schema { types { name } } }",
        3,
        "about the schema",
    ),
    "an alias of failures": (
        f"{NODES}query {{ agents {{ nodes {{ id }} lost: failures {{ code }} }} }}",
        3,
        "takes no alias",
    ),
    "an alias that is ours": (
        f"{NODES}query {{ agents {{ nodes {{ id }} sources: __typename }} }}",
        3,
        "take another alias",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_its_line(what: str) -> None:
    text, line, said = REFUSED[what]

    with pytest.raises(UnfitQueryError) as error:
        read(text, REAL)
    assert said in str(error.value)
    assert error.value.line == line


def test_a_scalar_that_no_column_holds_is_refused() -> None:
    with pytest.raises(UnfitQueryError, match="of the type Big"):
        read("# A.\n# rows: things\nquery { things { size } }", SMALL)


def test_a_query_without_columns_is_refused() -> None:
    with pytest.raises(UnfitQueryError, match="makes no column"):
        read(
            "# A.\n# rows: agents\nquery { agents { nodes { } } }",
            REAL,
        )


def test_pages_below_a_list_are_refused() -> None:
    schema = build_schema(
        """
        type Query { teams: [Team] }
        type Team { people(first: Int, after: String): People }
        type People { nodes: [Person] pageInfo: PageInfo }
        type Person { name: String }
        type PageInfo { hasNextPage: Boolean endCursor: String }
        """
    )
    with pytest.raises(UnfitQueryError, match=r"pages of `teams.people` cannot be followed"):
        read("# A.\n# rows: teams.people\nquery { teams { people { nodes { name } } } }", schema)


def columns_of(query: NamedQuery) -> list[tuple[str, str]]:
    return [(one.name, one.type.value) for one in query.shape.columns]


def test_columns_stand_as_in_the_document() -> None:
    found = read(
        """
        # What agents do.
        # rows: indicators.series.points
        query {
          indicators(keys: [CONVERSATIONS_STARTED]) {
            period { timeZone from: start }
            series { platform { key } unit points { ...Point } currency }
            failures { code }
          }
        }
        fragment Point on IndicatorPoint { day: start hour value final }
        """,
        REAL,
    )
    assert found.description == "What agents do."
    assert columns_of(found) == [
        ("period_timeZone", "text"),
        ("period_from", "instant"),
        ("platform_key", "text"),
        ("unit", "text"),
        ("day", "instant"),
        ("hour", "integer"),
        ("value", "number"),
        ("final", "boolean"),
        ("currency", "text"),
    ]


@pytest.mark.parametrize("rule", ["conversationRows", "conversationRows.edges.node"])
def test_fields_of_flat_rows_have_the_types_of_their_tables(rule: str) -> None:
    members = "platform startedAt startedAtDate began: startedAt"
    nodes = f"edges {{ node {{ {members} }} }}"
    found = read(f"# A.\n# rows: {rule}\nquery {{ conversationRows {{ {nodes} }} }}", REAL)

    assert columns_of(found) == [
        ("platform", "text"),
        ("startedAt", "instant"),
        ("startedAtDate", "date"),
        ("began", "instant"),
    ]


def test_things_of_several_types_share_their_columns() -> None:
    found = read(
        "# A.\n# rows: nodes\nquery ($ids: [ID!]!) "
        "{ nodes(ids: $ids) { id ... on Agent { name } ... on Conversation { state } } }",
        REAL,
    )
    assert [name for name, _ in columns_of(found)] == ["id", "name", "state"]


def test_a_file_that_does_not_fit_keeps_the_gateway_from_starting(tmp_path: Path) -> None:
    files = {
        "good": STAFF,
        "bad": "# A.\nquery { x }",
        "worse": f"{NODES}query {{ agent {{ id }} }}",
    }
    folder = folder_of(tmp_path / "queries", files)
    grove = Grove()
    settings = real_settings(grove, queries={"folder": folder})

    with pytest.raises(ConfigurationError) as error:
        create_app(settings, specs=grove.specs())
    bad, worse = error.value.problems
    assert bad.startswith(f"queries: {folder / 'bad.graphql'}:1: ")
    assert worse.startswith(f"queries: {folder / 'worse.graphql'}:3: ")


@pytest.mark.parametrize("name", ["Daily", "a b", "openapi", "_x"])
def test_a_name_is_one_of_an_address(tmp_path: Path, name: str) -> None:
    grove = Grove()
    settings = real_settings(grove, queries={"folder": folder_of(tmp_path / "q", {name: STAFF})})

    with pytest.raises(ConfigurationError, match="the file's name"):
        create_app(settings, specs=grove.specs())


def test_a_query_within_no_limit_is_refused(tmp_path: Path) -> None:
    grove = Grove()
    folder = folder_of(tmp_path / "q", {"staff": STAFF})
    settings = real_settings(grove, queries={"folder": folder}, limits={"depth": 2})

    with pytest.raises(ConfigurationError, match="levels of fields"):
        create_app(settings, specs=grove.specs())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = real_settings(Grove(), queries={"folder": tmp_path / "nowhere"})

    assert settings.complaints() == (
        f"queries.folder: there is no folder {str(tmp_path / 'nowhere')!r}",
    )


def test_without_a_folder_those_that_are_shipped_are_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(tmp_path / "queries", {"staff": "no query"})
    monkeypatch.chdir(tmp_path)

    shipped = real_settings(Grove()).queries.found_in()
    assert (shipped / "daily-volumes.graphql").is_file()


def test_a_shipped_one_that_the_limits_forbid_is_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    schema = real_schema([])
    roomy = real_settings(Grove())
    tight = real_settings(Grove(), limits={"depth": 3})

    assert "daily-volumes" in load_queries(roomy, schema)
    assert caplog.records == []
    assert "daily-volumes" not in load_queries(tight, schema)
    assert any("daily-volumes" in getattr(one, "problem", "") for one in caplog.records)
