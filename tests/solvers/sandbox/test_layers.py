from __future__ import annotations

import json
import os
import tempfile
import warnings

from solvers.sandbox.inside.layers import LANDLOCK, NAMESPACES, REPORTS, RLIMITS, SECCOMP, prepared

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
