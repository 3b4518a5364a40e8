"""The strict simulator of the Reports API: what its documents promise, over a synthetic account."""

from vendors.livechat.sandbox.app import simulator

__all__ = ["simulator"]
