"""An import contract of our own, for a package in which some folders are one of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from grimp import Layer
from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from grimp import ImportGraph, Route
    from importlinter.domain.imports import Module


class IndependentFoldersContract(Contract):
    """The folders of one kind import nothing of one another, and nothing shared imports them.

    The kind is told by a module that each of them has. import-linter's own independence contract
    wants every folder named; this one finds them, so that a further folder is held to the rule
    without being listed anywhere.
    """

    type_name = "folders"

    package = fields.ModuleField()
    having = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 (their signature)
        """Keep the contract when no chain of imports leads into a folder from its neighbours."""
        children = graph.find_children(cast("Module", self.package).name)
        folders = {child for child in children if f"{child}.{self.having}" in graph.modules}
        shared = Layer(*(children - folders), independent=False)
        found = graph.find_illegal_dependencies_for_layers(layers=(folders, shared))
        routes = sorted(_drawn(route) for dependency in found for route in dependency.routes)
        return ContractCheck(kept=not routes, metadata={"routes": routes})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each chain of imports, importer first."""
        for route in check.metadata["routes"]:
            output.print_error(route)
        output.new_line()


def _drawn(route: Route) -> str:
    ends = [" or ".join(sorted(end)) for end in (route.heads, route.tails)]
    return " -> ".join([ends[0], *route.middle, ends[1]])
