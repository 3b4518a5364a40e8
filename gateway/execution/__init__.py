"""Answers queries by code that is compiled for each document, to the letter as graphql-core would.

Whatever is not known here is left to graphql-core: never wrong, only slower. It knows GraphQL and
Strawberry, and nothing of this gateway.
"""

from gateway.execution.extension import compiled_execution

__all__ = ["compiled_execution"]
