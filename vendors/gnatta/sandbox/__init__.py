"""A strict stand-in for the vendor's Reporting API 1.2, made from its document."""

from __future__ import annotations

from vendors.gnatta.sandbox.app import simulator

__all__ = ["simulator"]
