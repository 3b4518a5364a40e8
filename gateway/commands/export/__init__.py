"""Tables written to files, window by window, so that what was read is read once.

`windows` cuts the period, `reading` asks for one window, `parts` keeps what was read, `output`
writes the file, `progress` tells how far it has come, and `exporting` puts these together.
"""
