"""What an answer to a wrong question must and must not hold."""

from __future__ import annotations

import re

from tests.e2e.running import Answer, Table

__all__ = ["COMPLEX", "INPUT", "INVALID", "LEAKS", "assert_refused"]

INPUT = "BAD_USER_INPUT"
INVALID = "GRAPHQL_VALIDATION_FAILED"
COMPLEX = "QUERY_TOO_COMPLEX"

LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|<class|<enum|Strawberry|StrawberryE|object at 0x"
    r"|ValueError|TypeError|KeyError|OverflowError|127\.0\.0\.1",
)


def assert_refused(answer: Answer, code: str) -> Table:
    """Check that the answer is one error with that code and nothing of ours; return the error."""
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.status in {200, 400}, answer.text
    assert not LEAKS.search(answer.text), answer.text
    assert answer.codes == [code], answer.text
    (error,) = answer.errors
    assert error["message"]
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    return error
