from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("solvers", "nl2opt", "data", "app")
"""From the ground up: each may import itself and those before it."""
HEAVY = (
    "ortools",
    "pyscipopt",
    "clarabel",
    "casadi",
    "scipy",
    "openpyxl",
    "pandas",
    "pyomo",
    "openai",
    "xllamacpp",
    "typer",
    "rich",
    "highspy",
    "pydantic",
    "numpy",
)
SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
FORBIDDEN_CALLS = ("eval", "exec", "compile", "__import__", "os.system", "os.popen", "input", "breakpoint")
FORBIDDEN_MODULES = ("pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib")
PACKAGES_WITH_ALL = sorted(path for path in SOURCES if path.name == "__init__.py" and "__all__" in path.read_text())


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield what is imported, by statements and by name, as dotted names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def _fresh_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=240
    ).stdout


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_imports_point_down_only(path: Path) -> None:
    floor = FLOORS.index(path.relative_to(ROOT).parts[0])
    above = FLOORS[floor + 1 :]
    assert [name for name in _imported(_tree(path)) if name.partition(".")[0] in above] == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_imports_are_absolute(path: Path) -> None:
    assert [node.lineno for node in ast.walk(_tree(path)) if isinstance(node, ast.ImportFrom) and node.level] == []


GUEST = ROOT / "solvers" / "sandbox" / "inside" / "guest.py"
"""The one place where text becomes code: in the sealed child of a worker, which is there for nothing else."""


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_product_code_runs_no_text_and_reads_no_pickles(path: Path) -> None:
    tree = _tree(path)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    forbidden = [name for name in FORBIDDEN_CALLS if path != GUEST or name not in ("compile", "exec")]
    assert [ast.unparse(call) for call in calls if ast.unparse(call.func) in forbidden] == []
    shells = [k for call in calls for k in call.keywords if k.arg == "shell" and ast.unparse(k.value) != "False"]
    assert shells == []
    assert [name for name in _imported(tree) if name.partition(".")[0] in FORBIDDEN_MODULES] == []
    assert not [call for call in calls if ast.unparse(call.func).endswith(("read_pickle", "to_pickle"))]


@pytest.mark.parametrize("path", PACKAGES_WITH_ALL, ids=_name)
def test_all_is_sorted_complete_and_can_be_had(path: Path) -> None:
    package = importlib.import_module(".".join(path.parent.relative_to(ROOT).parts))
    names: list[str] = package.__all__
    constants, rest = [n for n in names if n.isupper()], [n for n in names if not n.isupper()]
    classes, others = [n for n in rest if n[0].isupper()], [n for n in rest if not n[0].isupper()]
    assert names == [*sorted(constants), *sorted(classes), *sorted(others)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(package, name)] == []
    public = {name for name in _bound_names(_tree(path)) if not name.startswith("_")}
    assert public - set(names) == set()


def _bound_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a package's own statements bind, those for type checkers included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing", "importlib"):
            yield from (alias.asname or alias.name for alias in node.names)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Assign):
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("package", ["solvers", "nl2opt"])
def test_the_two_public_packages_say_what_is_public(package: str) -> None:
    assert ROOT / package / "__init__.py" in PACKAGES_WITH_ALL


def test_nl2opt_offers_each_of_its_names_where_it_is_defined() -> None:
    import nl2opt

    assert {*nl2opt._HOMES, "__version__"} == set(nl2opt.__all__)
    for name, home in nl2opt._HOMES.items():
        assert getattr(nl2opt, name) is getattr(importlib.import_module(home), name)
        assert getattr(nl2opt, name).__module__ == home


def test_an_unknown_name_of_nl2opt_is_an_attribute_error() -> None:
    import nl2opt

    with pytest.raises(AttributeError, match="'slove'"):
        _ = nl2opt.slove  # type: ignore[attr-defined]


def test_every_folder_of_tests_is_a_package() -> None:
    # Else pytest would import tests/data as `data`.
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [_name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_every_folder_of_sources_is_a_package() -> None:
    folders = {path.parent for path in SOURCES}
    assert [_name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_module_of_app_is_named_like_a_package() -> None:
    # A tool that puts the folder of a script first on the path would find it in place of the package.
    assert {path.stem for path in (ROOT / "app").rglob("*.py")} & set(FLOORS) == set()


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "common", "helpers", "helper", "manager", "misc", "core"}
    assert [_name(path) for path in SOURCES if path.stem in empty or path.parent.name in empty] == []


@pytest.mark.parametrize("floor", FLOORS)
def test_every_package_is_typed(floor: str) -> None:
    assert (ROOT / floor / "py.typed").is_file()


def test_importing_nl2opt_loads_only_what_it_needs() -> None:
    code = "import sys, json, nl2opt; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(_fresh_python(code))}
    assert loaded & set(FLOORS) <= {"nl2opt", "solvers"}
    assert loaded & set(HEAVY) == set()


def test_importing_solvers_loads_nothing_of_the_floors_above() -> None:
    code = "import sys, json, solvers; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(_fresh_python(code))}
    assert loaded & set(FLOORS) == {"solvers"}
    assert loaded & (set(HEAVY) - {"numpy"}) == set()


def test_the_command_line_shows_its_help_without_the_heavy_libraries() -> None:
    code = (
        "import sys, json; from app.cli import _guarded; code = _guarded(['--help']);"
        "print(json.dumps([code, *sorted(sys.modules)]))"
    )
    code_and_modules = json.loads(_fresh_python(code).splitlines()[-1])
    loaded = {name.partition(".")[0] for name in code_and_modules[1:]}
    assert code_and_modules[0] == 0
    assert loaded & (set(HEAVY) - {"typer", "rich"}) <= {"pydantic", "numpy"}


def test_every_module_can_be_imported_first() -> None:
    # In one interpreter each, import cycles would show; forked from one, this costs little.
    modules = [m.name for floor in FLOORS for m in pkgutil.walk_packages([str(ROOT / floor)], f"{floor}.")]
    code = (
        "import importlib, json, multiprocessing, sys\n"
        "def load(name):\n"
        "    try: importlib.import_module(name)\n"
        "    except Exception as error: return f'{name}: {error!r}'\n"
        "pool = multiprocessing.get_context('fork').Pool(2, maxtasksperchild=1)\n"
        f"print(json.dumps([f for f in pool.map(load, {modules!r}, chunksize=1) if f]))"
    )
    assert len(modules) > 50
    assert (
        json.loads(_fresh_python("import numpy, pydantic, pydantic_settings, typer, rich, pandas, jinja2\n" + code))
        == []
    )
