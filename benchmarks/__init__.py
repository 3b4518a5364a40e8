"""What queries cost: vendor calls against their floor, and what the gateway adds to the wait."""
