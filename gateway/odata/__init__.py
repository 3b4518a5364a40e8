"""Flat tables by OData 4.0: entity sets to read, for spreadsheets and BI tools.

`protocol` alone knows the library of the protocol, `service` says how tables are shown by it,
`asking` reads what is asked, `answering` reads the rows, and `door` serves all of that.
"""
