"""Flat tables for tools that do not speak GraphQL: each is declared once and read by every door.

`registry.tables` lists them, `columns` says what stands in them, `table` how they are read, and
`asking` how a caller's texts become what is asked.
"""
