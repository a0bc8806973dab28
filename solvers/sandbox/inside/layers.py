"""The layers of the isolation, found out by really trying them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from solvers.sandbox.inside import system_calls as system
from solvers.sandbox.inside.landlock import landlock_version, restrict_files
from solvers.sandbox.inside.namespaces import JOBS, enter_namespaces, python_folders, see_only
from solvers.sandbox.inside.seccomp import Filter

NAMESPACES: Final = "namespaces"
OWN_ROOT: Final = "own file system"
LANDLOCK: Final = "landlock"
SECCOMP: Final = "seccomp"
REPORTS: Final = "reports of refused calls"
RLIMITS: Final = "resource limits"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a worker stands on, the same for all of its runs.

    Attributes:
        layers: those that are on, by name.
        landlock: version of Landlock; 0 when it is off.
        filter: of system calls; `None` where the machine takes none.
        readable: what programs may read beside their own folder.
        jobs: the folder in which each run gets a private one.
        own_root: whether each private folder can be a file system of its own.
    """

    layers: tuple[str, ...]
    landlock: int
    filter: Filter | None
    readable: tuple[str, ...]
    jobs: str
    own_root: bool


def prepared(jobs: str, *, without: frozenset[str]) -> Ground:
    """Put this process, and with it all its runs, on the best ground that the machine gives.

    Args:
        jobs: a folder for private folders where there are no mounts of our own; it is removed where there are.
        without: layers that are left out on purpose, to measure or to test the others.
    """
    layers: list[str] = []
    readable = python_folders()
    own_root = False
    if NAMESPACES not in without and _works(enter_namespaces):
        layers.append(NAMESPACES)
        if OWN_ROOT not in without:
            os.rmdir(jobs)  # not needed then, and it would stay if the host were killed
            readable = see_only(readable)
            jobs, own_root = JOBS, True
            layers.append(OWN_ROOT)
    version = 0 if LANDLOCK in without else landlock_version()
    if version and _in_a_child(lambda: restrict_files(version, readable, [jobs])):
        layers.append(LANDLOCK)
    else:
        version = 0
    found = _filter(version) if SECCOMP not in without else None
    if found is not None:
        layers.append(SECCOMP)
        if REPORTS not in without and _in_a_child(lambda: found.install(os.getpid(), listen=True)):
            layers.append(REPORTS)
    return Ground((*layers, RLIMITS), version, found, tuple(readable), jobs, own_root)


def _filter(version: int) -> Filter | None:
    if not Filter.is_supported():
        return None
    found = Filter(landlock=version)
    return found if _in_a_child(lambda: found.install(os.getpid(), listen=False)) else None


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _in_a_child(attempt: Callable[[], object]) -> bool:
    """Whether something works, tried in a process that ends at once.

    Like a run, it gives up new privileges first: without that, an ordinary user may neither use Landlock nor a filter.
    """
    child = os.fork()
    if not child:
        code = 1
        try:
            system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
            attempt()
            code = 0
        except OSError:
            pass
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return status == 0
