"""What to ask, of whom, together: fan-out, loaders, read-through cache and merging."""
