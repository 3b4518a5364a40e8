"""From measurement requests to the fewest vendor calls, and back to merged series."""
