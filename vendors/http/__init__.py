"""The one way to a platform: whole answers in time, or a PlatformError that says why."""

from vendors.http.message import Answer, Ask, Judge
from vendors.http.status import judge_by_status
from vendors.http.vendor_http import VendorHttp

__all__ = ["Answer", "Ask", "Judge", "VendorHttp", "judge_by_status"]
