"""nl2opt: from a decision problem in plain words to a solved and checked optimisation model.

    import nl2opt

    answer = nl2opt.solve("A workshop makes chairs and tables ...")
    print(answer)
    answer.values["make"]

Heavy libraries are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nl2opt import shadowing as _shadowing

_shadowing.require_own("solvers")

if TYPE_CHECKING:
    from nl2opt.api import check, fill_in, formulate, run, run_program, solve, verify
    from nl2opt.errors import (
        ChangeError,
        ChatError,
        DataError,
        FormulationError,
        MissingData,
        Nl2optError,
        NoFormulationError,
        NoRevisionError,
        ProblemError,
        SettingsError,
        StoreError,
    )
    from nl2opt.formulation.changes import Change
    from nl2opt.formulation.editing.difference import diff
    from nl2opt.formulation.exchange.importing import import_model
    from nl2opt.formulation.limits import Limits
    from nl2opt.formulation.schema import Formulation
    from nl2opt.pipeline.after.session import Session
    from nl2opt.pipeline.answer import Answer, Status
    from nl2opt.pipeline.readings.asking import Choice, Question
    from nl2opt.pipeline.readings.reading import Reading
    from nl2opt.pipeline.verifying.options import VerifyOptions
    from nl2opt.tables.attached import read_tables
    from nl2opt.tables.profile import profile

__version__ = "0.1.0"

_HOMES = {
    "solve": "nl2opt.api",
    "fill_in": "nl2opt.api",
    "formulate": "nl2opt.api",
    "run": "nl2opt.api",
    "run_program": "nl2opt.api",
    "check": "nl2opt.api",
    "verify": "nl2opt.api",
    "VerifyOptions": "nl2opt.pipeline.verifying.options",
    "import_model": "nl2opt.formulation.exchange.importing",
    "diff": "nl2opt.formulation.editing.difference",
    "Change": "nl2opt.formulation.changes",
    "Formulation": "nl2opt.formulation.schema",
    "Limits": "nl2opt.formulation.limits",
    "Answer": "nl2opt.pipeline.answer",
    "Choice": "nl2opt.pipeline.readings.asking",
    "Question": "nl2opt.pipeline.readings.asking",
    "Reading": "nl2opt.pipeline.readings.reading",
    "Status": "nl2opt.pipeline.answer",
    "read_tables": "nl2opt.tables.attached",
    "profile": "nl2opt.tables.profile",
    "Session": "nl2opt.pipeline.after.session",
    "Nl2optError": "nl2opt.errors",
    "ChangeError": "nl2opt.errors",
    "DataError": "nl2opt.errors",
    "MissingData": "nl2opt.errors",
    "NoRevisionError": "nl2opt.errors",
    "ProblemError": "nl2opt.errors",
    "FormulationError": "nl2opt.errors",
    "NoFormulationError": "nl2opt.errors",
    "SettingsError": "nl2opt.errors",
    "StoreError": "nl2opt.errors",
    "ChatError": "nl2opt.errors",
}
__all__ = [
    "Answer",
    "Change",
    "ChangeError",
    "ChatError",
    "Choice",
    "DataError",
    "Formulation",
    "FormulationError",
    "Limits",
    "MissingData",
    "Nl2optError",
    "NoFormulationError",
    "NoRevisionError",
    "ProblemError",
    "Question",
    "Reading",
    "Session",
    "SettingsError",
    "Status",
    "StoreError",
    "VerifyOptions",
    "__version__",
    "check",
    "diff",
    "fill_in",
    "formulate",
    "import_model",
    "profile",
    "read_tables",
    "run",
    "run_program",
    "solve",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nl2opt' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
