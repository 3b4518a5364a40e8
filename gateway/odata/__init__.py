"""Flat tables by OData 4.0: entity sets to read, for spreadsheets and BI tools.

`protocol`, and what it is made of, alone know the library of the protocol: `addresses` and
`expressions` read, `metadata` describes. `service` says how tables are shown by it,
`asking` reads what is asked, `answering` reads the rows, and `door` serves all of that.
"""
