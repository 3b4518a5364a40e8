"""What the process tells of itself: health, status, metrics, log lines."""
