"""A strict stand-in for the vendor's REST API 2.0, made from its document."""

from __future__ import annotations

from vendors.iadvize.sandbox.app import simulator

__all__ = ["simulator"]
