"""What all tests share: how properties are searched."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No deadline: a busy machine is no defect. The same cases each time: a red run can be repeated.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")
