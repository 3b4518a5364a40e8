"""The process: composition root, settings, cache, security, HTTP doors and command line."""

__version__ = "0.1.0"
