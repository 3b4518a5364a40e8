"""Which kinds of files there are."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.rows.csv_form import CSV
from gateway.rows.forms import Form
from gateway.rows.json_form import JSON, NDJSON

__all__ = ["FORMS"]

FORMS: Mapping[str, Form] = {form.name: form for form in (CSV, JSON, NDJSON)}
"""All of them, by what the names of such files end with."""
