from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nl2opt import Formulation, FormulationError, Limits
from nl2opt.errors import SettingsError
from nl2opt.settings import Settings, load_settings
from nl2opt.settings_file import settings_file


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of an empty settings file, with no variable set beside it."""
    for field in Settings.model_fields:
        monkeypatch.delenv(f"NL2OPT_{field.upper()}", raising=False)
    path = tmp_path / "config.toml"
    path.write_text("")
    monkeypatch.setenv("NL2OPT_CONFIG", str(path))
    return path


def test_without_any_word_the_embedded_model_is_used_and_everything_has_a_value() -> None:
    settings = load_settings()
    assert (settings.llm, settings.rounds, settings.cache, settings.style) == ("local", 3, True, None)
    assert settings.cache_dir.name == "nl2opt"
    assert settings.runs_dir.name == "runs"


def test_arguments_come_before_the_environment_and_that_before_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('llm = "openai:file"\nrounds = 1\nstyle = "indexed"\n')
    monkeypatch.setenv("NL2OPT_LLM", "openai:environment")
    monkeypatch.setenv("NL2OPT_ROUNDS", "2")
    settings = load_settings(llm="openai:argument", rounds=None)
    assert (settings.llm, settings.rounds, settings.style) == ("openai:argument", 2, "indexed")


def test_an_empty_variable_counts_as_not_set(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text("rounds = 5\n")
    monkeypatch.setenv("NL2OPT_ROUNDS", "")
    assert load_settings().rounds == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('lllm = "x"', "There is no setting `lllm` (`lllm` in {config}). Did you mean `llm`?"),
        ("zzz = 1", "Known are: llm, llm_base_url"),
        ('rounds = "many"', "Wrong value for `rounds` in {config}"),
        ("rounds = 21", "less than or equal to 20 (it is 21)"),
        ('style = "baroque"', "'scalar' or 'indexed' (it is 'baroque')"),
        ("timeout_seconds = 0", "greater than 0"),
        ("timeout_seconds = inf", "finite"),
        ("time_limit_seconds = nan", "time_limit_seconds"),
        ('cache = "perhaps"', "boolean"),
        ("llm = 3", "string"),
        ('llm_base_url = "localhost:8000"', "must be of the form http://localhost:8000/v1"),
        ("rounds = ", "is not TOML"),
        ("set_element = 5", "Did you mean `set_elements`?"),
        ("set_elements = 0", "`set_elements` in {config}: a limit is a whole number above 0 (it is 0)"),
        ("table_entries = true", "a limit is a whole number above 0 (it is True)"),
        ("json_bytes = 1e6", "a limit is a whole number above 0 (it is 1000000.0)"),
        ("\N{LATIN SMALL LETTER A WITH DIAERESIS} = 1", "is not TOML"),
    ],
)
def test_what_makes_no_sense_in_the_file_is_refused_with_its_place(config: Path, content: str, words: str) -> None:
    config.write_text(content)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert words.replace("{config}", str(config)) in str(caught.value)


def test_everything_that_is_wrong_is_told_at_once(config: Path) -> None:
    config.write_text('rounds = -1\nstyle = "x"\n')
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NL2OPT_ROUNDS", "x", "environment variable NL2OPT_ROUNDS"),
        ("NL2OPT_LMM", "local", "There is no environment variable NL2OPT_LMM. Did you mean NL2OPT_LLM?"),
        ("NL2OPT_TIMEOUT", "3", "Did you mean NL2OPT_TIMEOUT_SECONDS?"),
        ("NL2OPT_API_KEY", "3", "Did you mean NL2OPT_LLM_API_KEY?"),
    ],
)
def test_what_makes_no_sense_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["NL2OPT_DEBUG", "NL2OPT_HOME", "NL2OPT_VERSION", "OTHER_LLM"])
def test_variables_that_are_no_slip_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert load_settings().llm == "local"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"round": 1}, "Did you mean `rounds`?"), ({"rounds": "x"}, "Wrong value for the argument `rounds`")],
)
def test_what_makes_no_sense_as_an_argument_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**arguments)
    assert words in str(caught.value)


def test_a_file_that_was_named_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match=r"NL2OPT_CONFIG names .*none\.toml, which does not exist"):
        load_settings()


def test_the_file_of_the_user_need_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NL2OPT_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "empty"))
    assert settings_file().name == "config.toml"
    assert load_settings().llm == "local"


def test_a_folder_or_bytes_in_the_place_of_the_file_cannot_be_read(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_bytes(b"llm = '\xff'")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings()
    monkeypatch.setenv("NL2OPT_CONFIG", str(tmp_path))
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings()


def test_the_key_is_a_secret_wherever_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_LLM_API_KEY", "sk-hidden")
    settings = load_settings()
    assert settings.llm_api_key is not None
    assert settings.llm_api_key.get_secret_value() == "sk-hidden"
    shown = f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert "sk-hidden" not in shown


@pytest.mark.parametrize("content", ['llm_api_key = ["sk-hidden"]', 'llm_base_url = "http://me:sk-hidden@host/v1"'])
def test_no_error_repeats_a_secret(config: Path, content: str) -> None:
    config.write_text(content)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "sk-hidden" not in str(caught.value)


def test_a_tilde_stands_for_the_home_folder(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    config.write_text('cache_dir = "~/models"\n')
    monkeypatch.setenv("NL2OPT_RUNS_DIR", "~/runs")
    assert (load_settings().cache_dir, load_settings().runs_dir) == (tmp_path / "models", tmp_path / "runs")


def test_settings_do_not_change() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.rounds = 1  # type: ignore[misc]


LARGE = {
    "sets": [{"name": "I", "elements": "range(0, 100)"}],
    "variables": [{"name": "x", "index": ["I"], "domain": "binary"}],
    "objective": {"sense": "maximize", "expression": "sum(x[i] for i in I)"},
}


def is_too_large(limits: Limits | None = None) -> bool:
    findings = Formulation.from_dict(LARGE).check(limits=limits)
    assert {finding.code for finding in findings} <= {"too_large", "unused"}
    return any(finding.code == "too_large" for finding in findings)


def test_limits_come_from_arguments_then_the_environment_then_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_too_large()
    config.write_text("set_elements = 99\n")
    assert is_too_large()
    monkeypatch.setenv("NL2OPT_SET_ELEMENTS", "100")
    assert not is_too_large()
    assert is_too_large(Limits(set_elements=99))
    monkeypatch.setenv("NL2OPT_SET_ELEMENTS", "")
    assert is_too_large()


def test_a_limit_of_the_file_beside_other_settings_is_no_setting(config: Path) -> None:
    config.write_text("rounds = 2\njson_bytes = 20\n")
    assert load_settings().rounds == 2
    with pytest.raises(FormulationError, match="20"):
        Formulation.from_json(" " * 21)


def test_a_limit_that_makes_no_sense_is_told_when_it_is_needed(config: Path) -> None:
    config.write_text("set_elements = -1\n")
    with pytest.raises(SettingsError, match="whole number above 0"):
        Formulation.from_dict(LARGE).check()
