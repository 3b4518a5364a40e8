"""A strict stand-in for the vendor's API v1, made from its document."""

from __future__ import annotations

from vendors.chattonic.sandbox.app import simulator

__all__ = ["simulator"]
