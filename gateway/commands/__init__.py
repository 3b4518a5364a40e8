"""What the command line does, beside asking."""
