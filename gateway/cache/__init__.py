"""What the process keeps of what it was told: in memory, and behind that on disk or in Redis."""

from gateway.cache.bounded import BoundedBackend
from gateway.cache.memory import CacheCounts, MemoryCache, TalliedCache

__all__ = ["BoundedBackend", "CacheCounts", "MemoryCache", "TalliedCache"]
