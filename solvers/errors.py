"""The errors of the ground floor.

SolversError
├── ModelError               arrays that do not make a model
├── UnsupportedModelError    no back end, or not the one asked for, takes this kind of model
├── UnknownSolverError       there is no back end of that name
├── MissingSolverError       the package of a back end is not installed
├── ExchangeError            a model file that cannot be read, or a model that a file format cannot hold
├── ProgramError             a text that cannot be a program, or data that cannot be handed to one
└── SandboxError             the sandbox cannot run programs here
    └── NoSandboxError       this machine cannot keep programs from what they must not do

Infeasible, unbounded, limits and interruptions are values: see `solvers.Termination`.
"""

from __future__ import annotations


class SolversError(Exception):
    """Base of every error that the ground floor raises on purpose."""


class ModelError(SolversError):
    """Arrays that do not make a model: wrong lengths, columns out of range, not-a-number."""


class UnsupportedModelError(SolversError):
    """A model with a feature that the back end, or every back end, lacks."""


class UnknownSolverError(SolversError):
    """There is no back end of that name."""


class MissingSolverError(SolversError):
    """A back end whose package is not installed; the text holds the command that installs it."""

    @classmethod
    def of_package(cls, title: str, install: str, error: ImportError) -> MissingSolverError:
        """Return the error for a package that could not be imported.

        Args:
            title: of the solver.
            install: what `pip install` takes to bring it.
            error: what the import said.
        """
        return cls(
            f"{title} cannot be loaded ({error}). Install it again with: pip install --force-reinstall {install}"
        )


class ExchangeError(SolversError):
    """A model file that cannot be read, or a model that a file format cannot hold; the text says where and why."""


class ProgramError(SolversError):
    """A text that cannot be a program, or data that cannot be handed to one."""


class SandboxError(SolversError):
    """The sandbox cannot run programs here; the text says why and what to do."""


class NoSandboxError(SandboxError):
    """This machine cannot keep a program from what it must not do, and nobody said to run it all the same."""
