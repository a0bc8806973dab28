from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

from nl2opt.shadowing import ShadowedPackageError, require_own

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] in ("solvers", "data"):
            monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("package", ["solvers", "nl2opt", "data", "app"])
def test_our_own_packages_are_accepted(package: str) -> None:
    require_own(package)


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize("package", ["solvers", "data"])
@pytest.mark.parametrize("form", ["{}.py", "{}/__init__.py"])
def test_a_module_that_stands_in_the_way_is_named(
    package: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / form.format(package)
    file.parent.mkdir(exist_ok=True)
    file.touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ShadowedPackageError) as caught:
        require_own(package)
    assert str(file) in str(caught.value)
    assert caught.value.name == package
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.usefixtures("unloaded")
def test_a_folder_without_modules_stands_in_nobodys_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    require_own("data")


@pytest.mark.usefixtures("unloaded")
def test_a_folder_that_is_found_in_place_of_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "solvers").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ShadowedPackageError, match=str(tmp_path / "solvers")):
        require_own("solvers")


def test_a_package_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(ShadowedPackageError, match="`solvers_of_nobody` of nl2opt is missing; install nl2opt again"):
        require_own("solvers_of_nobody")


def test_a_module_made_by_hand_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "solvers", types.ModuleType("solvers"))
    with pytest.raises(ShadowedPackageError, match="made by hand"):
        require_own("solvers")


def test_importing_nl2opt_beside_another_solvers_is_an_import_error(tmp_path: Path) -> None:
    (tmp_path / "solvers.py").write_text("raise RuntimeError('the wrong module was run')")
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import nl2opt"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert finished.returncode == 1
    assert finished.stderr.splitlines()[-1].startswith("nl2opt.shadowing.ShadowedPackageError: nl2opt needs its own")
    assert str(tmp_path / "solvers.py") in finished.stderr.splitlines()[-1]
