"""What must hold for every input that the readers of formulations are given."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pytest

from nl2opt import Formulation, FormulationError
from nl2opt.formulation.compilation import compiler
from nl2opt.formulation.evaluation import frame
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.writer import to_text

SECONDS: Final = 1.0
"""Processor time that one input may take; the clock of the wall would count other programs' work too."""
ROWS: Final = 200_000
"""Largest table while fuzzing: the package's own limits are as large as a desktop machine, and slow to reach."""
PROGRAM_ENTRIES: Final = 2000
"""Programs are written for models of at most so many entries."""


class BrokenPromiseError(AssertionError):
    """Something that must hold for every input does not hold for this one."""


@contextmanager
def lowered_limits() -> Iterator[None]:
    """Make the sizes at which tables are refused small, so that refusing them is tried and takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "MAX_ROWS", ROWS)
        for variable in ("NL2OPT_SET_ELEMENTS", "NL2OPT_TABLE_ENTRIES"):
            patch.setenv(variable, str(ROWS))
        yield


def keep_promises(data: bytes) -> str:
    """Read an input in every way, and say what became of it.

    Args:
        data: JSON of a formulation when it begins with `{`, else an expression.

    Raises:
        BrokenPromiseError: it took too long, or reads back as something else.
        Exception: any other than the documented ones is a fault of the reader.
    """
    if data.lstrip().startswith(b"{"):
        return _formulation(data)
    return _expression(data.decode("utf-8", "replace"))


def _expression(text: str) -> str:
    with _in_time("parse_expression"):
        try:
            root = parse_expression(text).root
        except ExpressionError as error:
            return error.code
    written = to_text(root)
    if parse_expression(written).root != root:
        raise BrokenPromiseError(f"{text!r} is written as {written!r}, which is something else")
    return "expression"


def _formulation(data: bytes) -> str:
    with _in_time("from_json"):
        try:
            formulation = Formulation.from_json(data)
        except FormulationError as error:
            return error.findings[0].code
    with _in_time("compile_formulation"):
        compilation = compiler.compile_formulation(formulation)
    if Formulation.from_json(formulation.to_json()) != formulation:
        raise BrokenPromiseError("the formulation reads back from its own JSON as another one")
    if compilation.compiled is None:
        if not any(finding.is_error for finding in compilation.findings):
            raise BrokenPromiseError("there is no model, and no finding says why")
        return next(finding.code for finding in compilation.findings if finding.is_error)
    again = compiler.compile_formulation(Formulation.from_dict(json.loads(data))).require().model
    model = compilation.compiled.model
    if (again.n_rows, again.n_columns, len(again.row_values)) != (model.n_rows, model.n_columns, len(model.row_values)):
        raise BrokenPromiseError("the formulation compiles to another model the second time")
    formulation.to_latex()
    formulation.to_markdown()
    formulation.describe()
    if len(model.row_values) <= PROGRAM_ENTRIES:
        with suppress(FormulationError):  # what a library has no words for
            ast.parse(formulation.to_program())
    return "model"


@contextmanager
def _in_time(action: str) -> Iterator[None]:
    begin = time.thread_time()
    yield
    seconds = time.thread_time() - begin
    if seconds > SECONDS:
        raise BrokenPromiseError(f"{action} took {seconds:.2f} s of processor time")
