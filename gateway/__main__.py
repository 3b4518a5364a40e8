"""Runs the command line: `python -m gateway` is `switchboard`."""

from gateway.cli import main

if __name__ == "__main__":
    main()
