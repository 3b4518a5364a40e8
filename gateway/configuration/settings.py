"""The settings of the process, and the only place that reads the environment.

`configuration.py` puts them together from flags, variables and a file.
"""

from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
)

from gateway.configuration.setting_tables import (
    DocumentSettings,
    LifetimeSettings,
    LifetimesSettings,
    LimitSettings,
    Table,
)
from gateway.odata.settings import ODataSettings
from gateway.queries.settings import QuerySettings
from gateway.rows.settings import FileSettings
from gateway.security.keys import new_id_key
from gateway.security.settings import ApiKeySettings, OidcSettings
from vendors.buckets import zone
from vendors.errors import BadInputError
from vendors.settings import PlatformSettings

__all__ = [
    "ApiKeySettings",
    "CacheSettings",
    "DocumentSettings",
    "LifetimeSettings",
    "LifetimesSettings",
    "LimitSettings",
    "OidcSettings",
    "RefreshSettings",
    "Settings",
    "SubscriptionSettings",
    "dotenv",
    "environment",
]

_SANDBOX_ID_KEY = "ids of invented people need no secret"


def _words(value: object) -> object:
    """Return the parts of a comma-separated text; anything else as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _known_zone(name: str) -> str:
    try:
        return zone(name).key
    except BadInputError as error:
        raise ValueError(str(error)) from None


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Zone = Annotated[str, AfterValidator(_known_zone)]


class CacheSettings(Table):
    """Where what was fetched is kept, and how much of it."""

    backend: Literal["memory", "disk", "redis"] = Field(
        "memory",
        description="What stands behind the memory of the process: nothing, a file, or a Redis or "
        "Valkey server that several processes share.",
    )
    max_bytes: int = Field(
        256 * 1024 * 1024, ge=1024, description="Most that is kept in memory; the least used goes."
    )
    url: SecretStr | None = Field(
        None, description="The server, as `redis://`, `rediss://` (by TLS) or `unix://`."
    )
    path: Path | None = Field(None, description="The file of the disk backend.")
    disk_bytes: int = Field(
        1024 * 1024 * 1024,
        ge=1024 * 1024,
        description="Most that the file takes; what would end first goes.",
    )
    namespace: str = Field(
        "switchboard",
        pattern=r"^[a-z0-9][a-z0-9._-]*$",
        description="What all keys on the server, or in the file, begin with.",
    )
    timeout_seconds: float = Field(
        0.25, gt=0, le=5, description="How long one request to the server or the file may take."
    )
    connections: int = Field(20, ge=1, description="Connections to the server, at most.")
    lease_seconds: float = Field(
        5.0,
        ge=1,
        le=60,
        description="How long processes wait for one that has died while it asked a platform.",
    )


class RefreshSettings(Table):
    """A query that is asked again and again, so that nobody waits for what it needs."""

    query: Path = Field(description="The file that holds the operation.")
    variables: Mapping[str, Any] = Field(default_factory=dict, description="Its variables.")
    every: timedelta = Field(
        description="How often it is asked: what will not be fresh for so long is fetched.",
        ge=timedelta(seconds=5),
    )
    most_calls: int = Field(50, ge=1, description="Calls to platforms each time, at most.")


class SubscriptionSettings(Table):
    """What callers may follow, and how often platforms are asked for it."""

    every: timedelta = Field(
        timedelta(seconds=15),
        gt=timedelta(0),
        description="How often a platform is asked while anybody follows it, in seconds; never "
        "more often than `lifetimes.presence.fresh`.",
    )
    longest: timedelta = Field(
        timedelta(hours=1), gt=timedelta(0), description="How long one is served, in seconds."
    )
    most_per_key: int = Field(
        100, ge=0, description="Subscriptions, and sockets, of a key at a time; 0: none."
    )


class LogSettings(Table):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="From where.")
    format: Literal["auto", "json", "console"] = Field(
        "auto", description="JSON lines, or for people; auto: for people on a terminal."
    )


class Settings(Table):
    """The whole configuration of one process, complete and checked."""

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0: a free one.")
    sandbox: bool | None = Field(
        None, description="Whether to simulate the vendors; empty: where no platform is configured."
    )
    development: bool = Field(False, description="Whether every answer tells what it cost.")
    time_zone: Zone = Field("UTC", description="The zone meant where a query names none.")
    id_key: SecretStr | None = Field(
        None, min_length=32, description="The secret that ids and cursors are sealed with."
    )
    require_api_key: bool | None = Field(
        None, description="Whether callers need a key; empty: unless it is a sandbox."
    )
    api_keys: tuple[ApiKeySettings, ...] = Field((), description="The keys of callers.")
    api_key_in_query: bool = Field(
        True, description="Whether `?api_key=` is taken, where tools have no other place."
    )
    oidc: OidcSettings = Field(
        default_factory=OidcSettings, description="Signed tokens that are taken beside keys."
    )
    metrics: Literal["auto", "open", "key", "off"] = Field(
        "auto",
        description="Who may read `/metrics`: anybody, a key with the scope `metrics`, nobody; "
        "auto: a key where callers need one.",
    )
    cors_origins: Words = Field((), description="Origins whose pages may ask; `*`: all.")
    trusted_hosts: Words = Field((), description="Host names that are served; empty: all.")
    deadline_seconds: float = Field(10.0, gt=0, description="Time of an operation by default.")
    longest_deadline_seconds: float = Field(
        60.0, gt=0, description="The most that a request may ask for by X-Request-Timeout."
    )
    shutdown_seconds: int = Field(10, ge=0, description="How long a stop waits for answers.")
    graphiql: bool = Field(True, description="Whether browsers are given the GraphiQL page.")
    introspection: bool = Field(True, description="Whether the schema can be asked for.")
    execution: Literal["compiled", "graphql-core"] = Field(
        "compiled", description="What answers queries; compiled code is the same, and faster."
    )
    limits: LimitSettings = Field(default_factory=LimitSettings, description="Of an operation.")
    lifetimes: LifetimesSettings = Field(
        default_factory=LifetimesSettings, description="Of what was fetched."
    )
    cache: CacheSettings = Field(default_factory=CacheSettings, description="What is kept.")
    refresh: tuple[RefreshSettings, ...] = Field(
        (), description="Queries whose values are kept fresh."
    )
    subscriptions: SubscriptionSettings = Field(
        default_factory=SubscriptionSettings, description="What is told as it happens."
    )
    documents: DocumentSettings = Field(
        default_factory=DocumentSettings, description="What is named instead of being sent."
    )
    odata: ODataSettings = Field(default_factory=ODataSettings, description="Tables by OData.")
    files: FileSettings = Field(
        default_factory=FileSettings, description="Tables that are read as files."
    )
    queries: QuerySettings = Field(
        default_factory=QuerySettings, description="Queries that are read as files."
    )
    log: LogSettings = Field(default_factory=LogSettings, description="What is logged.")
    platforms: tuple[PlatformSettings, ...] = Field((), description="The accounts to ask.")

    @property
    def sandboxed(self) -> bool:
        """Return whether the platforms are simulated."""
        return not self.platforms if self.sandbox is None else self.sandbox

    @property
    def keys_required(self) -> bool:
        """Return whether callers need a key."""
        return not self.sandboxed if self.require_api_key is None else self.require_api_key

    @property
    def metrics_shown(self) -> Literal["open", "key", "off"]:
        """Return who may read the metrics."""
        if self.metrics == "auto":
            return "key" if self.keys_required else "open"
        return self.metrics

    @property
    def sealing_secret(self) -> str:
        """Return the secret of ids; in a sandbox, where none is set, one that is no secret."""
        return self.id_key.get_secret_value() if self.id_key else _SANDBOX_ID_KEY

    def complaints(self) -> tuple[str, ...]:
        """Return what is missing or contradicts itself, before anything can be served."""
        return tuple(filter(None, (rule(self) for rule in _RULES)))


def _needs_id_key(settings: Settings) -> str | None:
    if settings.id_key is not None or settings.sandboxed:
        return None
    return f'id_key is missing; here is a fresh one to keep for ever: id_key = "{new_id_key()}"'


def _needs_keys(settings: Settings) -> str | None:
    if not settings.keys_required or settings.api_keys or settings.oidc.issuer is not None:
        return None
    return (
        "api_keys: there is none, and callers need one; "
        "make it by `switchboard keys new --name NAME`, or set require_api_key = false"
    )


def _hides_names(settings: Settings) -> str | None:
    if settings.oidc.issuer is None or settings.id_key is not None:
        return None
    return (
        "id_key is missing: whom tokens name is hidden with it; "
        "make one by `switchboard keys new --id-key`"
    )


def _names_once(settings: Settings) -> str | None:
    for what, names in (
        ("platforms: the key", [platform.key for platform in settings.platforms]),
        ("api_keys: the name", [key.name for key in settings.api_keys]),
    ):
        for name in names:
            if names.count(name) > 1:
                return f"{what} {name!r} is there twice"
    return None


def _keys_see_platforms(settings: Settings) -> str | None:
    known = {platform.key for platform in settings.platforms}
    for key in settings.api_keys:
        unknown = sorted((key.platforms or frozenset()) - known)
        if unknown and not settings.sandboxed:
            return f"api_keys: {key.name!r} names the platform {unknown[0]!r}, which is not there"
    return None


def _deadlines_fit(settings: Settings) -> str | None:
    if settings.deadline_seconds <= settings.longest_deadline_seconds:
        return None
    return "deadline_seconds is more than longest_deadline_seconds"


def _cache_has_a_place(settings: Settings) -> str | None:
    """Complain of a backend without its place, of the place of another, and of a bad address."""
    cache = settings.cache
    for backend, name, place in (("redis", "url", cache.url), ("disk", "path", cache.path)):
        if cache.backend == backend and place is None:
            return f'cache.{name} is missing: cache.backend is "{backend}"'
        if cache.backend != backend and place is not None:
            return f'cache.{name} is set, but cache.backend is "{cache.backend}"'
    if cache.path and cache.path.is_dir():
        return f"cache.path is a folder, {str(cache.path)!r}; name a file in it"
    if cache.url and not cache.url.get_secret_value().startswith(_CACHE_SCHEMES):
        return f"cache.url begins with none of {', '.join(_CACHE_SCHEMES)}"
    return None


def _cache_can_be_read_again(settings: Settings) -> str | None:
    cache = settings.cache
    if cache.backend == "memory" or settings.id_key is not None:
        return None
    return (
        f'id_key is missing: what cache.backend = "{cache.backend}" keeps is sealed with it; '
        "make one by `switchboard keys new --id-key`"
    )


def _cache_has_its_client(settings: Settings) -> str | None:
    if settings.cache.backend != "redis" or find_spec("redis") is not None:
        return None
    return 'cache.backend = "redis" needs the extra: install switchboard[redis]'


def _documents_exist(settings: Settings) -> str | None:
    return settings.documents.complaint()


def _named_queries_exist(settings: Settings) -> str | None:
    return settings.queries.complaint()


def _refreshed_queries_exist(settings: Settings) -> str | None:
    for one in settings.refresh:
        if not one.query.is_file():
            return f"refresh: there is no file {str(one.query)!r}"
    return None


_CACHE_SCHEMES = ("redis://", "rediss://", "unix://")
_RULES = (
    _needs_id_key,
    _needs_keys,
    _hides_names,
    _names_once,
    _keys_see_platforms,
    _deadlines_fit,
    _cache_has_a_place,
    _cache_can_be_read_again,
    _cache_has_its_client,
    _refreshed_queries_exist,
    _documents_exist,
    _named_queries_exist,
)


def environment() -> dict[str, str]:
    """Return the variables of the process that are not empty."""
    return _set(EnvSettingsSource(BaseSettings, case_sensitive=True, env_ignore_empty=True))


def dotenv() -> dict[str, str]:
    """Return the variables of `.env` in the present folder that are not empty."""
    return _set(
        DotEnvSettingsSource(BaseSettings, ".env", case_sensitive=True, env_ignore_empty=True)
    )


def _set(source: EnvSettingsSource) -> dict[str, str]:
    return {name: value for name, value in source.env_vars.items() if value is not None}
