"""Files of named queries, and schemas that they are about, as tests write them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from graphql import GraphQLSchema

from gateway.queries.named import NamedQuery, query_of

__all__ = ["STAFF", "folder_of", "read"]

STAFF = """
# Everybody who works here.
# rows: agents.nodes
# $platforms: The platforms to ask.
query Staff($platforms: [String!]) {
  agents(platforms: $platforms) {
    nodes { platform { key } nativeId name }
  }
}
"""


def folder_of(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files of queries into a folder, by their names, and return it."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.graphql").write_text(text, encoding="utf-8")
    return folder


def read(text: str, schema: GraphQLSchema) -> NamedQuery:
    """Return the query that a file with that text is; raise UnfitQueryError."""
    with TemporaryDirectory() as folder:
        path = folder_of(Path(folder), {"one": text}) / "one.graphql"
        return query_of(path, schema, ())
