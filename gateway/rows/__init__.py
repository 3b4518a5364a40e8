"""Flat tables as files, by GET: each answer is a snapshot that stays the same while it is read.

`asking` reads what is asked, `filling` writes it whole before anything is answered, `snapshots`
keeps it, `answering` gives it out, whole or in ranges, and `door` puts these together.
"""
