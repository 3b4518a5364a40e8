"""Which kinds of files there are."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.rows.arrow_form import ARROW, PARQUET
from gateway.rows.csv_form import CSV
from gateway.rows.forms import Form
from gateway.rows.json_form import JSON, NDJSON
from gateway.rows.xlsx_form import XLSX

__all__ = ["FORMS"]

FORMS: Mapping[str, Form] = {form.name: form for form in (CSV, JSON, NDJSON, PARQUET, ARROW, XLSX)}
"""All of them, by what the names of such files end with."""
