"""What each vendor says and how to ask it."""
