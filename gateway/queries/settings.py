"""Settings of named queries."""

from pathlib import Path

from pydantic import Field

from gateway.configuration.setting_tables import Table

__all__ = ["QuerySettings"]

_HOMES = (Path(__file__).parent / "shipped", Path(__file__).parents[2] / "queries")
"""Those that are shipped are in the package where it is installed, and beside it in a clone."""


class QuerySettings(Table):
    """Named queries as files under `/q/`."""

    folder: Path | None = Field(
        None,
        description="The folder of the named queries, `*.graphql`; empty: those that are shipped.",
    )

    def found_in(self) -> Path:
        """Return the folder whose files are answered."""
        if self.folder is not None:
            return self.folder
        return next((one for one in _HOMES if one.is_dir()), _HOMES[0])

    def complaint(self) -> str | None:
        """Return what is missing, if anything is."""
        if self.folder is None or self.folder.is_dir():
            return None
        return f"queries.folder: there is no folder {str(self.folder)!r}"
