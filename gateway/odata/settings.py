"""Settings of tables that are read by OData."""

from pydantic import Field

from gateway.configuration.setting_tables import Table

__all__ = ["ODataSettings"]


class ODataSettings(Table):
    """Tables under `/odata/`."""

    most_rows: int = Field(
        100_000,
        ge=1,
        description="Rows that are read for one answer, where all are needed: to sort or to count.",
    )
    at_a_time: int = Field(8, ge=0, description="Answers made at a time, in all; 0: none.")
    seconds: float = Field(300.0, gt=0, description="Time in which one is made, in seconds.")
    page_seconds: float = Field(
        60.0, gt=0, description="Time of one page of its rows, within that, in seconds."
    )
