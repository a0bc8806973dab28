from __future__ import annotations

import importlib.util
import re
from functools import partial
from pathlib import Path

import pytest

from app import doctor
from app.doctor import Examination, examine
from nl2opt.chat.choose import model_path
from nl2opt.chat.known import QWEN, KnownModel
from nl2opt.settings import load_settings
from solvers.errors import SolversError
from solvers.sandbox import Pool
from solvers.sandbox.inside.layers import NAMESPACES, OWN_ROOT, SECCOMP
from tests.app.cases import INDEXED, script
from tests.app.conftest import Command


def _of(name: str) -> Examination:
    return doctor._guarded(name, dict(doctor._looks())[name])


def _pretend_fetched(known: KnownModel, size: int) -> Path:
    """Put a file of a size where a model is looked for; it takes no room on the disk."""
    path = model_path(known, load_settings())
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_all_is_well_with_an_installation_and_a_language_model(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NL2OPT_LLM", script(tmp_path, INDEXED))
    ended = command("doctor")
    assert ended.code == 0
    assert [line[:4] for line in ended.out.splitlines()] == ["ok  "] * 8
    content = command("doctor", "--json").content
    assert content["ok"] is True
    assert [examination["name"] for examination in content["examinations"]] == [
        "nl2opt", "python", "packages", "solver", "sandbox", "settings", "folders", "language model",
    ]  # fmt: skip


def test_a_model_that_is_not_fetched_is_named_with_what_to_do(command: Command) -> None:
    ended = command("doctor")
    assert ended.code == 1
    assert "FAIL language model: the file of local:qwen2.5-coder-1.5b is not here yet\n" in ended.out
    assert "nl2opt llms pull qwen2.5-coder-1.5b\n" in ended.out
    assert command("doctor", "--json").content["ok"] is False


def test_a_model_that_is_here_is_named_with_its_file() -> None:
    path = _pretend_fetched(QWEN, QWEN.size)
    assert _of("language model") == Examination("language model", True, f"local:{QWEN.name}: {path}")


def test_half_a_model_is_not_here() -> None:
    _pretend_fetched(QWEN, QWEN.size - 1)
    assert not _of("language model").ok


def test_a_file_of_ones_own_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.gguf"
    monkeypatch.setenv("NL2OPT_LLM", f"local:{path}")
    assert (_of("language model").ok, _of("language model").text) == (False, f"there is no file {path}")
    path.touch()
    assert _of("language model").ok


def test_an_engine_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor, "find_spec", lambda name: None if name == "xllamacpp" else importlib.util.find_spec(name)
    )
    assert _of("language model").mend == "Install it with: pip install 'nl2opt[local]'"


def test_settings_that_make_no_sense_are_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_ROUNDS", "many")
    said = [examination for examination in examine() if not examination.ok]
    assert [examination.name for examination in said] == ["settings", "folders", "language model"]
    assert ["NL2OPT_ROUNDS" in examination.text for examination in said] == [True, False, False]


def test_an_environment_variable_that_means_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_ROUND", "1")
    found = _of("settings")
    assert not found.ok
    assert "Did you mean NL2OPT_ROUNDS?" in found.text


def test_variables_that_are_no_settings_but_are_known_are_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text("rounds = 2\n")
    monkeypatch.setenv("NL2OPT_CONFIG", str(file))
    monkeypatch.setenv("NL2OPT_DEBUG", "1")
    assert _of("settings").ok
    assert str(file) in _of("settings").text


def test_the_key_of_an_endpoint_is_not_shown(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_LLM", "openai:large")
    monkeypatch.setenv("NL2OPT_LLM_API_KEY", "very-secret")
    ended = command("doctor")
    assert ended.code == 0
    assert "NL2OPT_LLM_API_KEY" in ended.out
    assert "very-secret" not in ended.out


@pytest.mark.parametrize("variable", ["NL2OPT_CACHE_DIR", "NL2OPT_RUNS_DIR"])
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(variable, str(tmp_path / "file" / "folder"))
    found = _of("folders")
    assert not found.ok
    assert str(tmp_path / "file" / "folder") in found.text
    assert variable in found.mend


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_PACKAGES", ("numpy", "library-of-nobody"))
    assert _of("packages").mend == "Missing: library-of-nobody. Install nl2opt again."


def test_a_solver_that_fails_is_told_and_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SolversError("HiGHS does not load.")

    monkeypatch.setattr("nl2opt.formulation.schema.Formulation.solve", fail)
    assert _of("solver") == Examination("solver", False, "HiGHS does not load.")
    assert len(examine()) == 8


def test_the_sandbox_is_shown_with_what_it_keeps_programs_from() -> None:
    found = _of("sandbox")
    assert found.ok
    assert found.text.startswith(("full. Programs cannot reach", "reduced. Programs cannot open"))
    assert re.search(r"Layers: .*seccomp.*; a worker starts in \d+\.\d s$", found.text)


def test_a_machine_without_a_sandbox_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.sandbox.Pool", partial(Pool, without=frozenset({SECCOMP})))
    found = _of("sandbox")
    assert not found.ok
    assert found.text.startswith("none. This machine cannot keep a program from your files.")
    assert "--unsafe-no-sandbox" in found.mend


def test_a_reduced_sandbox_is_shown_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.sandbox.Pool", partial(Pool, without=frozenset({NAMESPACES, OWN_ROOT})))
    found = _of("sandbox")
    assert found.ok
    assert found.text.startswith("reduced. Programs cannot open your files or the network, but can see file names")
    assert "sysctl kernel.apparmor_restrict_unprivileged_userns=0" in found.text
