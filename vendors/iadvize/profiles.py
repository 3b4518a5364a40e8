"""What iAdvize tells of one operator at a time: the profile, and what they have ever done."""

from __future__ import annotations

from vendors.calls import Call
from vendors.iadvize import wire
from vendors.iadvize.client import IadvizeClient
from vendors.iadvize.mapping import as_text, number
from vendors.iadvize.settings import IadvizeSettings
from vendors.staff import AgentLifetime, AgentProfile

__all__ = ["IadvizeProfiles", "lifetime_of", "profile_of"]


class IadvizeProfiles:
    """The operators of one account, each by a call."""

    def __init__(self, client: IadvizeClient, settings: IadvizeSettings) -> None:
        """Ask by that client."""
        self._client = client
        self._key = settings.key

    async def profile(self, native_id: str, call: Call) -> AgentProfile | None:
        """Return what the operator shows of themselves, or None without such an operator."""
        found = await self._client.operator_profile(native_id, call)
        return None if found is None else profile_of(found, native_id, self._key)

    async def lifetime(self, native_id: str, call: Call) -> AgentLifetime | None:
        """Return what the operator has ever done, or None without such an operator."""
        found = await self._client.operator_statistic(native_id, call)
        return None if found is None else lifetime_of(found, native_id, self._key)


def profile_of(item: wire.OperatorProfile, native_id: str, platform: str) -> AgentProfile:
    """Return the record of a profile."""
    return AgentProfile(
        platform=platform,
        agent_id=native_id,
        status=item.status,
        description=item.description,
        city=item.city,
        country=item.country,
        facebook=as_text(item.facebook),
        twitter=as_text(item.twitter),
    )


def lifetime_of(item: wire.OperatorStatistic, native_id: str, platform: str) -> AgentLifetime:
    """Return the record of the figures; raise PlatformBadResponseError for what is no number."""
    return AgentLifetime(
        platform=platform,
        agent_id=native_id,
        conversations=_whole(item.conversation_number),
        satisfaction_rate=number(item.satisfaction_global_rate),
        experience=_whole(item.experience),
    )


def _whole(value: wire.Number) -> int | None:
    read = number(value)
    return None if read is None else int(read)
