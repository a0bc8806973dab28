"""Builds the wheel, installs it away from this repository, and uses it beside files of the same names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from nl2opt import __version__

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that has the wheel, and sees the libraries of this one."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    paths = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", vars=paths))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index",
         "--disable-pip-version-check", str(wheel)],
        check=True, timeout=120,
    )  # fmt: skip
    # A path file that names a folder does not run the path files in it, so the editable install is not seen.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder of a user's that has modules with the names of our packages."""
    (tmp_path / "app.py").write_text("raise RuntimeError('the app of the user was run')")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "__init__.py").write_text("raise RuntimeError('the data of the user were run')")
    (tmp_path / "formulation.json").write_bytes((ROOT / "examples" / "workshop.json").read_bytes())
    return tmp_path


def _run(folder: Path, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("suffix", ["*.py", "*.md", "*.json", "py.typed"])
def test_every_file_of_the_packages_is_in_the_wheel(contents: set[str], suffix: str) -> None:
    packages = ("solvers", "nl2opt", "data", "app")
    files = {str(path.relative_to(ROOT)) for package in packages for path in (ROOT / package).rglob(suffix)}
    assert files
    assert files - contents == set()


def test_prompts_and_type_markers_are_in_the_wheel(contents: set[str]) -> None:
    assert {f"{package}/py.typed" for package in ("solvers", "nl2opt", "data", "app")} <= contents
    prompts = [name for name in contents if name.startswith("nl2opt/pipeline/prompts/")]
    assert {Path(name).suffix for name in prompts} >= {".md", ".json", ".py"}


def test_the_examples_of_the_web_page_are_in_the_wheel(contents: set[str]) -> None:
    assert {f"app/web/examples/{path.name}" for path in (ROOT / "examples").iterdir()} <= contents


def test_nothing_but_the_four_packages_is_in_the_wheel(contents: set[str]) -> None:
    folders = {name.partition("/")[0] for name in contents}
    assert folders == {"solvers", "nl2opt", "data", "app", f"nl2opt-{__version__}.dist-info"}
    assert [name for name in contents if "__pycache__" in name] == []


def test_the_licence_is_in_the_wheel_as_it_is_in_the_repository(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licence = archive.read(f"nl2opt-{__version__}.dist-info/licenses/LICENSE")
        metadata = archive.read(f"nl2opt-{__version__}.dist-info/METADATA").decode()
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert "License-Expression: Apache-2.0" in metadata
    assert "License-File: LICENSE" in metadata


def test_the_package_and_the_wheel_have_one_version(wheel: Path) -> None:
    assert wheel.name == f"nl2opt-{__version__}-py3-none-any.whl"


def test_the_command_runs_beside_an_app_and_data_of_the_user(installed: Path, project: Path) -> None:
    finished = _run(project, installed / "nl2opt", "--version")
    assert (finished.stdout, finished.stderr, finished.returncode) == (f"nl2opt {__version__}\n", "", 0)


def test_the_command_solves_beside_an_app_and_data_of_the_user(installed: Path, project: Path) -> None:
    finished = _run(project, installed / "nl2opt", "run", "formulation.json", "--json", "--cross-check")
    answer = json.loads(finished.stdout)
    assert (answer["status"], answer["objective"], finished.returncode) == ("solved", 6250, 0)
    assert [item["outcome"] for item in answer["evidence"]] == ["passed", "passed"]


def test_the_installed_packages_are_used_and_not_those_of_the_repository(installed: Path, project: Path) -> None:
    code = "import nl2opt, solvers; print(nl2opt.__file__); print(solvers.__file__)"
    finished = _run(project, installed / "python", "-c", code)
    assert finished.returncode == 0, finished.stderr
    assert [Path(line).is_relative_to(installed.parent) for line in finished.stdout.splitlines()] == [True, True]


def test_nl2opt_solves_from_python_beside_an_app_and_data_of_the_user(installed: Path, project: Path) -> None:
    code = "import nl2opt; print(nl2opt.run('formulation.json').objective)"
    finished = _run(project, installed / "python", "-c", code)
    assert (finished.stdout, finished.stderr) == ("6250.0\n", "")


def test_the_module_runs_beside_data_of_the_user(installed: Path, project: Path) -> None:
    (project / "app.py").unlink()
    finished = _run(project, installed / "python", "-m", "app.cli", "run", "formulation.json", "--json")
    assert json.loads(finished.stdout)["objective"] == 6250
    assert finished.returncode == 0


@pytest.mark.parametrize("command", ["run formulation.json", "--version", "doctor", "llms list"])
def test_a_solvers_of_the_user_is_named_in_one_sentence(installed: Path, project: Path, command: str) -> None:
    (project / "solvers.py").touch()
    (project / "app.py").unlink()
    for start in ([installed / "nl2opt"], [installed / "python", "-m", "app.cli"]):
        finished = _run(project, *start, *command.split(), PYTHONPATH=str(project))
        assert finished.returncode == 1
        assert finished.stdout == ""
        (line,) = finished.stderr.splitlines()
        assert str(project / "solvers.py") in line
        assert "rename" in line


def test_a_solvers_of_the_user_is_told_to_programs_as_json(installed: Path, project: Path) -> None:
    (project / "solvers.py").touch()
    (project / "app.py").unlink()
    finished = _run(project, installed / "python", "-m", "app.cli", "run", "formulation.json", "--json")
    assert str(project / "solvers.py") in json.loads(finished.stdout)["message"]


def test_a_solvers_of_the_user_elsewhere_is_in_nobodys_way(installed: Path, project: Path) -> None:
    (project / "solvers.py").touch()
    finished = _run(project, installed / "nl2opt", "run", "formulation.json", "--quiet")
    assert (finished.returncode, finished.stderr) == (0, "")
