from __future__ import annotations

import json
import os
import tempfile
import warnings
from pathlib import Path

import pytest

from solvers.sandbox import Pool
from solvers.sandbox.inside.layers import LANDLOCK, NAMESPACES, OWN_ROOT, REPORTS, RLIMITS, SECCOMP, prepared

NOBODY = 65_534


def layers_of_an_ordinary_user(jobs: str, without: frozenset[str]) -> list[str]:
    """Return the layers that a process without the rights of root gets."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # later Pythons warn of a fork beside threads; this child needs none
        child = os.fork()
    if not child:
        try:
            if not os.getuid():
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            os.write(writing, json.dumps(prepared(jobs, without=without).layers).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading, "rb") as file:
        found: list[str] = json.loads(file.read())
    return found


def test_an_ordinary_user_without_namespaces_has_the_layers_that_need_no_rights() -> None:
    with tempfile.TemporaryDirectory() as jobs:
        os.chmod(jobs, 0o755)  # noqa: S103 - it is made for its owner alone
        layers = layers_of_an_ordinary_user(jobs, frozenset({NAMESPACES}))
    assert layers == [LANDLOCK, SECCOMP, REPORTS, RLIMITS]


def test_no_folder_is_there_that_would_stay_if_the_host_were_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Pool() as pool:
        has_own_root = OWN_ROOT in pool.layers("pyomo")
        assert not has_own_root or list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []
