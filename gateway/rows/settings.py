"""Settings of tables that are read as files."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from gateway.configuration.setting_tables import Table

__all__ = ["FileSettings"]


class FileSettings(Table):
    """Tables as files under `/v1/`."""

    lifetime: timedelta = Field(
        timedelta(minutes=5),
        gt=timedelta(0),
        le=timedelta(minutes=15),
        description="How long a file stays as it is for whoever asks for the same.",
    )
    kept: int = Field(64, ge=1, description="Files kept at a time; the least used goes.")
    kept_bytes: int = Field(
        1024 * 1024 * 1024, ge=1, description="Bytes of all of them; the least used goes."
    )
    most_bytes: int = Field(256 * 1024 * 1024, ge=1, description="Bytes of one file.")
    most_sorted: int = Field(
        100_000, ge=1, description="Rows of one file that is sorted: they are held in memory."
    )
    folder: Path | None = Field(
        None, description="Where they lie, encrypted and without a name; empty: as the system says."
    )
    at_a_time: int = Field(4, ge=0, description="Files made at a time, in all; 0: none.")
    seconds: float = Field(300.0, gt=0, description="Time in which one is made, in seconds.")
    job_seconds: float = Field(
        1800.0, gt=0, description="The same for those that are asked for with `wait`, in seconds."
    )
    page_seconds: float = Field(
        60.0, gt=0, description="Time of one page of its rows, within that, in seconds."
    )
