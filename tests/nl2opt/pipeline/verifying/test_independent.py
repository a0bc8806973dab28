from __future__ import annotations

import json

import pytest

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.verifying.budget import Budget
from nl2opt.pipeline.verifying.independent import compared
from nl2opt.pipeline.verifying.options import VerifyOptions
from nl2opt.pipeline.verifying.second_model import Second
from nl2opt.pipeline.verifying.subject import Means, Subject
from nl2opt.text.numbers import TextNumber
from nl2opt.verification.evidence import INDEPENDENT_AGREEMENT, Outcome
from solvers.sandbox import run_program
from tests.nl2opt.pipeline.cases import PROBLEM, indexed

ORDERED = f"{PROBLEM} 150 chairs have been ordered."


@pytest.mark.parametrize("reached", [5000.0, None])
def test_a_move_that_only_one_of_the_two_survives_is_a_doubt(reached: float | None) -> None:
    content = json.loads(indexed())
    content["constraints"].append({"name": "ordered", "expression": "make['chair'] >= 150"})
    compiled = compile_formulation(Formulation.from_dict(content)).require()
    solution = solve_compiled(compiled)
    other = compile_formulation(Formulation.from_dict(json.loads(indexed()))).require()

    def moved(datum: TextNumber, factor: float) -> float | None:
        return reached if datum.text == "150" and factor > 1 else None

    second = Second(kind="program", model=other.model, solution=solution, doubts=(), moved=moved)
    means = Means(
        options=FormulateOptions(), verify=VerifyOptions(), budget=Budget(VerifyOptions()), judging=None, writing=None,
        run=run_program,
    )  # fmt: skip
    found = compared(Subject(problem=ORDERED, compiled=compiled, solution=solution), second, means)
    if reached is None:
        assert found.outcome is Outcome.PASSED
        assert found.name != INDEPENDENT_AGREEMENT
    else:
        assert found.outcome is Outcome.DOUBTFUL
        assert "when 150 becomes 225, the formulation is infeasible and the program reaches 5,000." in found.text
