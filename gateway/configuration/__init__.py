"""Where the settings come from, what they are, and what is wrong with them."""
