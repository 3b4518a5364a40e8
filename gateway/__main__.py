"""Runs the command line: `python -m gateway` is `switchboard`."""

import gc

# What is imported stays: to look through it for garbage is a quarter of the start.
gc.disable()

from gateway.cli import main  # noqa: E402 (the line above)

gc.enable()

__all__ = ["main"]

if __name__ == "__main__":
    main()
