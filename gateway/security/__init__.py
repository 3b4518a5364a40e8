"""Who may ask, how much, and what errors show."""
