from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import BaseModel, ValidationError
from tests.gateway.fakes import BirchSettings, birch, birch_table

from gateway.configuration.complaints import ConfigurationError
from gateway.configuration.listing import listed
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.reading import Loaded, load
from gateway.configuration.settings import LifetimesSettings, LimitSettings, Settings
from resolvers.context import Lifetimes, Limits, Scope

HASH = "a" * 64
ID_KEY = "k" * 43

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a configuration file."""

    def write(text: str) -> Path:
        path = tmp_path / "switchboard.toml"
        path.write_text(text)
        return path

    return write


def read(config: Path | None = None, **flags: Any) -> Settings:  # noqa: ANN401 (any flag)
    return load(birch(), flags, config).settings


def problems(config: Path | None = None, **flags: Any) -> str:  # noqa: ANN401 (any flag)
    with pytest.raises(ConfigurationError) as refused:
        read(config, **flags)
    return "\n".join(refused.value.problems)


def platform(settings: Settings) -> BirchSettings:
    (only,) = settings.platforms
    assert isinstance(only, BirchSettings)
    return only


BIRCH = """
[[platforms]]
key = "birch-fr"
vendor = "birch"
token = "hunter2"
"""


class TestPrecedence:
    def test_nothing_set_is_a_sandbox_on_this_machine(self) -> None:
        settings = read()
        assert (settings.host, settings.port, settings.time_zone) == ("127.0.0.1", 8000, "UTC")
        assert settings.sandboxed
        assert not settings.keys_required
        assert settings.sealing_secret
        assert settings.complaints() == ()

    def test_each_source_comes_before_the_next(
        self, file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = file("port = 1\nhost = 'file'\ntime_zone = 'Europe/Paris'\n[log]\nlevel='error'")
        Path(".env").write_text(
            "SWITCHBOARD_PORT=2\nSWITCHBOARD_HOST=dotenv\nSWITCHBOARD_LOG__LEVEL=debug\n"
        )
        monkeypatch.setenv("SWITCHBOARD_PORT", "3")
        monkeypatch.setenv("SWITCHBOARD_HOST", "environment")
        loaded = load(birch(), {"port": 4, "host": None}, config)
        settings = loaded.settings
        assert (settings.port, settings.host) == (4, "environment")
        assert (settings.log.level, settings.time_zone) == ("debug", "Europe/Paris")
        assert loaded.origins["port",] == "--port"
        assert loaded.origins["host",] == "SWITCHBOARD_HOST"
        assert loaded.origins["log", "level"] == ".env: SWITCHBOARD_LOG__LEVEL"
        assert loaded.origins["time_zone",] == str(config)

    def test_tables_are_merged_field_by_field(
        self, file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = file("[limits]\ndepth = 7\naliases = 8")
        monkeypatch.setenv("SWITCHBOARD_LIMITS__ALIASES", "9")
        assert (read(config).limits.depth, read(config).limits.aliases) == (7, 9)
        monkeypatch.setenv("SWITCHBOARD_LIMITS", '{"depth": 3}')
        assert (read(config).limits.depth, read(config).limits.aliases) == (3, 9)

    def test_variables_name_the_file(
        self, file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        Path(".env").write_text(f"SWITCHBOARD_CONFIG={file('port = 5')}")
        assert read().port == 5
        other = tmp_path / "other.toml"
        other.write_text("port = 6")
        monkeypatch.setenv("SWITCHBOARD_CONFIG", str(other))
        assert read().port == 6

    def test_empty_variables_are_not_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SWITCHBOARD_ID_KEY", "")
        assert read().id_key is None

    def test_lists_come_as_json_or_with_commas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for text in ("https://a.test, https://b.test,", '["https://a.test","https://b.test"]'):
            monkeypatch.setenv("SWITCHBOARD_CORS_ORIGINS", text)
            assert read().cors_origins == ("https://a.test", "https://b.test")


class TestPlatforms:
    def test_each_is_read_by_the_settings_of_its_vendor(self, file: Callable[[str], Path]) -> None:
        only = platform(read(file(BIRCH + "words = ['a']\nnames = { 'x y' = 'z' }")))
        assert (only.token.get_secret_value(), only.words, dict(only.names)) == (
            "hunter2",
            ("a",),
            {"x y": "z"},
        )

    def test_they_can_come_from_one_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tables = [birch_table("a"), birch_table("b", leaf={"size": 3})]
        monkeypatch.setenv("SWITCHBOARD_PLATFORMS", msgspec.json.encode(tables).decode())
        assert [each.key for each in read().platforms] == ["a", "b"]

    def test_single_fields_can_come_from_variables(
        self, file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path(".env").write_text("SWITCHBOARD_PLATFORM__BIRCH_FR__TOKEN=dotenv\n")
        monkeypatch.setenv("SWITCHBOARD_PLATFORM__BIRCH_FR__LEAF__SIZE", "4")
        monkeypatch.setenv("SWITCHBOARD_PLATFORM__BIRCH_FR__WORDS", '["b"]')
        loaded = load(birch(), {}, file(BIRCH))
        only = platform(loaded.settings)
        assert (only.token.get_secret_value(), only.leaf.size, only.words) == ("dotenv", 4, ("b",))
        origin = loaded.origins["platforms", "birch-fr", "token"]
        assert origin == ".env: SWITCHBOARD_PLATFORM__BIRCH_FR__TOKEN"

    def test_a_secret_that_looks_like_json_stays_text(
        self, file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SWITCHBOARD_PLATFORM__BIRCH_FR__TOKEN", '{"a":1}')
        assert platform(read(file(BIRCH))).token.get_secret_value() == '{"a":1}'

    def test_a_variable_for_a_platform_that_is_not_there_is_refused(
        self, file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SWITCHBOARD_PLATFORM__BIRCH_FT__TOKEN", "x")
        expected = (
            "SWITCHBOARD_PLATFORM__BIRCH_FT__TOKEN: "
            "there is no such platform; did you mean birch_fr?"
        )
        assert problems(file(BIRCH)) == expected

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("platforms = 3", "platforms: is no list of tables"),
            ("platforms = ['x']", "platforms: number 1 is no table"),
            ("[[platforms]]\nkey='a'", "a.vendor: there is no vendor ''; there are birch"),
            ("[[platforms]]\nkey='a'\nvendor='brich'", "no vendor 'brich'; did you mean birch?"),
            ("[[platforms]]\nvendor='birch'\ntoken='abc'", "platforms.number 1.key: is missing"),
            ("[[platforms]]\nkey='a'\nvendor='birch'", "platforms.a.token: is missing"),
            (BIRCH + "tokn = 'x'", "birch-fr.tokn: there is no such setting; did you mean token?"),
            (BIRCH + "leaf = { sice = 2 }", "leaf.sice: there is no such setting; did you mean"),
            (BIRCH + "leaf = { size = 'x' }", "platforms.birch-fr.leaf.size: Input should be"),
            (BIRCH.replace("birch-fr", "Birch FR"), "platforms.Birch FR.key: String should match"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, file: Callable[[str], Path], text: str, said: str
    ) -> None:
        found = problems(file(text))
        assert said in found
        assert "switchboard.toml: " in found or said.endswith("is missing")
        assert "hunter2" not in found

    def test_the_sandboxs_tables_are_read_the_same_way(self) -> None:
        (only,) = platform_settings(birch(), [birch_table("a")])
        assert isinstance(only, BirchSettings)
        with pytest.raises(ConfigurationError, match=r"the sandbox: platforms\.a\.nope"):
            platform_settings(birch(), [birch_table("a", nope=1)])


class TestUnknownKeys:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("prot = 1", "prot: there is no such setting; did you mean port?"),
            (
                "[cache]\nmaxbytes = 1",
                "cache.maxbytes: there is no such setting; did you mean",
            ),
            (
                "[lifetimes.agent]\nfresh = 1",
                "agent: there is no such setting; did you mean agents",
            ),
            ("[[api_keys]]\nscope = 1", "api_keys.0.scope: there is no such setting; did you mean"),
            ("[log]\nqqqqqq = 1", "log.qqqqqq: there is no such setting; there are format, level"),
        ],
    )
    def test_the_nearest_known_one_is_named(
        self, file: Callable[[str], Path], text: str, said: str
    ) -> None:
        assert said in problems(file(text))

    def test_variables_are_checked_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SWITCHBOARD_HOTS", "x")
        Path(".env").write_text("SWITCHBOARD_LOG__LEVLE=info\nOTHER=1\n")
        found = problems()
        assert "SWITCHBOARD_HOTS: hots: there is no such setting; did you mean host?" in found
        assert ".env: SWITCHBOARD_LOG__LEVLE: log.levle: there is no such setting" in found
        assert "OTHER" not in found


class TestVariablesInTheFile:
    def test_they_stand_in_any_text(
        self, file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TOKEN", "from the environment")
        Path(".env").write_text("WORD=dotenv\nTOKEN=weaker\n")
        text = BIRCH.replace("hunter2", "<${TOKEN}>") + "words = ['${WORD}', '$${WORD}', '$WORD']"
        only = platform(read(file(text)))
        assert only.token.get_secret_value() == "<from the environment>"
        assert only.words == ("dotenv", "${WORD}", "$WORD")

    def test_all_that_are_not_set_are_told_at_once(self, file: Callable[[str], Path]) -> None:
        text = BIRCH.replace("hunter2", "${TOKEN}") + "title = '${TITLE}'\nwords = ['${TITLE}']"
        found = problems(file("time_zone = '${ZONE}'" + text))
        for name in ("ZONE", "TOKEN", "TITLE"):
            assert found.count(f"${{{name}}} is not set in the environment") == 1


class TestSecretsInFiles:
    def test_a_secret_may_come_from_a_file(
        self, file: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "token").write_text("from a file\n")
        (tmp_path / "id_key").write_text(ID_KEY)
        config = file(BIRCH.replace("token = 'hunter2'", "").replace('"hunter2"', '"x1y"'))
        config.write_text(
            f"id_key_file = 'id_key'\n{BIRCH}".replace(
                'token = "hunter2"', 'token_file = "secrets/token"'
            )
        )
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        loaded = load(birch(), {}, config)
        assert platform(loaded.settings).token.get_secret_value() == "from a file"
        assert loaded.settings.sealing_secret == ID_KEY
        assert loaded.origins["id_key",] == f"{config}, by {tmp_path / 'id_key'}"

    def test_a_variable_may_name_the_file(
        self, file: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "token").write_text("from a file")
        monkeypatch.setenv("SWITCHBOARD_PLATFORM__BIRCH_FR__TOKEN_FILE", str(tmp_path / "token"))
        assert platform(read(file(BIRCH))).token.get_secret_value() == "from a file"

    def test_files_that_cannot_be_read_are_told(self, file: Callable[[str], Path]) -> None:
        found = problems(file(BIRCH + "second_token_file = 'missing'"))
        assert "second_token_file: cannot read" in found

    def test_a_secret_given_twice_is_refused(
        self, file: Callable[[str], Path], tmp_path: Path
    ) -> None:
        (tmp_path / "token").write_text("abc")
        assert "token_file and token are both given" in problems(file(BIRCH + "token_file='token'"))

    def test_only_secrets_come_so(self, file: Callable[[str], Path]) -> None:
        assert "there is no such setting" in problems(file("host_file = 'x'"))
        assert platform(read(file(BIRCH + "ca_file = 'ca.pem'"))).ca_file == "ca.pem"


def test_a_key_for_a_running_gateway_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHBOARD_KEY", "of `tables --url`")
    Path(".env").write_text("SWITCHBOARD_KEY=the-same")

    assert all("KEY" not in origin for origin in load(birch()).origins.values())


def test_a_zone_is_kept_as_the_platforms_spell_it() -> None:
    assert read(time_zone="europe/PARIS").time_zone == "Europe/Paris"


class TestWrongFiles:
    def test_a_missing_file(self, tmp_path: Path) -> None:
        assert "cannot be read: No such file" in problems(tmp_path / "missing.toml")

    def test_what_is_no_toml(self, file: Callable[[str], Path]) -> None:
        assert "is no TOML" in problems(file("port: 5"))

    def test_values_that_do_not_fit(self, file: Callable[[str], Path]) -> None:
        found = problems(file("port = 'x'\ntime_zone = 'Paris'\nlimits = 3\nid_key = 'short'"))
        assert "port: Input should be a valid integer" in found
        assert "time_zone: There is no time zone 'Paris'" in found
        assert "limits: Input should be" in found
        assert "id_key: " in found
        assert "'short'" not in found

    def test_a_value_where_a_table_should_be(
        self, file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SWITCHBOARD_CACHE__MAX_BYTES", "5000")
        assert "cache: Input should be" in problems(file("cache = 3"))


def settings(**fields: Any) -> Settings:  # noqa: ANN401 (any field)
    return Settings(**fields)


REAL: dict[str, Any] = {
    "platforms": platform_settings(birch(), [birch_table()]),
    "id_key": ID_KEY,
    "api_keys": [{"name": "bi", "hash": HASH}],
}


class TestComplaints:
    def test_a_whole_configuration_has_none(self) -> None:
        assert settings(**REAL).complaints() == ()
        assert settings(**REAL).keys_required
        assert not settings(**REAL).sandboxed

    def test_ids_need_a_key_and_a_fresh_one_is_offered(self) -> None:
        complaints = settings(**{**REAL, "id_key": None}).complaints()
        (line,) = complaints
        offered = line.split('id_key = "')[1].rstrip('"')
        assert settings(**{**REAL, "id_key": offered}).complaints() == ()
        assert settings(**{**REAL, "id_key": None}).complaints() != complaints

    def test_callers_need_keys_unless_told_otherwise(self) -> None:
        (line,) = settings(**{**REAL, "api_keys": []}).complaints()
        assert "switchboard keys new" in line
        assert settings(**{**REAL, "api_keys": [], "require_api_key": False}).complaints() == ()

    def test_names_are_there_once(self) -> None:
        twice = {**REAL, "platforms": REAL["platforms"] * 2}
        assert settings(**twice).complaints() == ("platforms: the key 'birch-fr' is there twice",)
        twice = {**REAL, "api_keys": REAL["api_keys"] * 2}
        assert settings(**twice).complaints() == ("api_keys: the name 'bi' is there twice",)

    def test_keys_see_platforms_that_are_there(self) -> None:
        keys = [{"name": "bi", "hash": HASH, "platforms": ["birch-ft"]}]
        (line,) = settings(**{**REAL, "api_keys": keys}).complaints()
        assert "names the platform 'birch-ft'" in line

    def test_deadlines_fit(self) -> None:
        (line,) = settings(deadline_seconds=100).complaints()
        assert "longest_deadline_seconds" in line

    def test_a_sandbox_can_be_asked_for_or_refused(self) -> None:
        assert settings(**{**REAL, "sandbox": True}).sandboxed
        assert not settings(sandbox=False).sandboxed

    def test_personal_data_is_short_lived(self) -> None:
        with pytest.raises(ValidationError, match="15 minutes"):
            settings(lifetimes={"conversations": {"fresh": 60, "on_failure": 900}})
        lifetimes = settings(lifetimes={"agents": {"fresh": 60, "on_failure": 840}}).lifetimes
        assert lifetimes.agents.on_failure == timedelta(minutes=14)


def test_a_key_reads_all_platforms_by_default() -> None:
    (key,) = settings(**REAL).api_keys
    assert (key.scopes, key.platforms) == (frozenset({Scope.READ}), None)


def test_every_limit_and_lifetime_can_be_set_and_has_its_own_default() -> None:
    limits, lifetimes = LimitSettings(), LifetimesSettings()
    for field in msgspec.structs.fields(Limits):
        assert getattr(limits, field.name) == getattr(Limits(), field.name)
    for field in msgspec.structs.fields(Lifetimes):
        ours, theirs = getattr(lifetimes, field.name), getattr(Lifetimes(), field.name)
        for inner in msgspec.structs.fields(theirs):
            assert getattr(ours, inner.name) == getattr(theirs, inner.name)


def test_every_setting_is_described() -> None:
    def undescribed(model: type[BaseModel]) -> list[str]:
        return [name for name, field in model.model_fields.items() if not field.description]

    for model in (Settings, LimitSettings, LifetimesSettings):
        assert undescribed(model) == []


class TestListing:
    def listed(self, config: Path) -> dict[str, tuple[str, str]]:
        loaded: Loaded = load(birch(), {"port": 4}, config)
        return {line.name: (line.value, line.origin) for line in listed(loaded)}

    def test_every_value_tells_its_origin(self, file: Callable[[str], Path]) -> None:
        config = file(
            "[lifetimes.agents]\nfresh = 9.5\n[[api_keys]]\nname='a'\nhash='" + HASH + "'"
        )
        lines = self.listed(config)
        assert lines["port"] == ("4", "--port")
        assert lines["host"] == ('"127.0.0.1"', "default")
        assert lines["lifetimes.agents.fresh"] == ("9.5", str(config))
        assert lines["lifetimes.agents.on_failure"] == ("0.0", "default")
        assert lines["api_keys"][1] == str(config)
        assert '"scopes":["read"]' in lines["api_keys"][0]

    def test_no_secret_is_shown(self, file: Callable[[str], Path]) -> None:
        lines = self.listed(file(f"id_key = '{ID_KEY}'\n{BIRCH}names = {{ a = 'b' }}"))
        assert lines["id_key"][0] == '"********"'
        assert lines["platforms.birch-fr.token"][0] == '"********"'
        assert lines["platforms.birch-fr.second_token"] == ("null", "default")
        assert lines["platforms.birch-fr.names.a"][0] == '"b"'
        assert lines["platforms.birch-fr.pacing.attempts"] == ("3", "default")
        assert not any("hunter2" in value or ID_KEY in value for value, _ in lines.values())
