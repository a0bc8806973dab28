"""The end of a MathOpt program: solve the model, for one objective or for several, and print what came out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nl2opt.formulation.render.footer_text import filled, show_function
from nl2opt.formulation.render.literals import text_literal

_FUNCTIONS: Final = '''

@FUNCTION@

def solved(expression, sense):
    """Solve the model for an objective; return the status and the result."""
    (model.maximize if sense == "maximize" else model.minimize)(expression)
    parameters = mathopt.SolveParameters(relative_gap_tolerance=@GAP@, absolute_gap_tolerance=@GAP@)
@TOLERANCE@    result = mathopt.solve(model, mathopt.SolverType.@SOLVER@, params=parameters)
    return result.termination.reason.name.lower().replace("_", " "), result


def main():
    """Solve the model and print what came out."""
@SOLVE@
    if status == "optimal":
@SHOW@
@VALUES@
    print(f"status: {status}")


if __name__ == "__main__":
    main()
'''
_PLAIN: Final = """    # Presolve may leave open whether a model is infeasible or unbounded
    parameters.presolve = mathopt.Emphasis.OFF
"""
_ONE: Final = '    status, result = solved(objective, "@SENSE@")'
_VALUE: Final = '        print(f"objective: {result.objective_value()!r}")'
_STAGES: Final = """    # Each objective, its sense, and what share of its optimum later ones may give up
    stages = [@STAGES@]
    for expression, sense, tolerance in stages:
        status, result = solved(expression, sense)
        if status != "optimal":
            break
        optimum = result.objective_value()
        slack = tolerance * max(1.0, abs(optimum))
        held = expression <= optimum + slack if sense == "minimize" else expression >= optimum - slack
        if held is not True:
            model.@HOLD@(held)"""
_STAGE_VALUES: Final = """        for number, (expression, _, _) in enumerate(stages, start=1):
            value = mathopt.evaluate_expression(expression, result.variable_values())
            print(f"objective{'' if number == 1 else f' {number}'}: {float(value)!r}")"""


def footer(
    *,
    solver: str,
    is_curved: bool,
    sense: str,
    stages: Sequence[tuple[str, str, float]],
    variables: Sequence[tuple[str, str]],
) -> str:
    """Return the end of the program.

    Args:
        solver: by its name in MathOpt.
        is_curved: whether there are products of variables, which SCIP meets up to a tolerance only.
        sense: of the objective, where there is one.
        stages: where there are several objectives, the name, sense and tolerance of each; else empty.
        variables: the name of each variable in the formulation, and in the program.
    """
    solve, values = _ONE.replace("@SENSE@", sense), _VALUE
    if stages:
        listed = ", ".join(f'({name}, "{sense}", {tolerance!r})' for name, sense, tolerance in stages)
        solve, values = _STAGES.replace("@STAGES@", listed), _STAGE_VALUES
        solve = solve.replace("@HOLD@", "add_quadratic_constraint" if solver == "GSCIP" else "add_linear_constraint")
    shown = "\n".join(f"        show({text_literal(name)}, {code}, result)" for name, code in variables)
    text = _FUNCTIONS
    return filled(
        text,
        {
            "@FUNCTION@": show_function("result.variable_values(variable)", parameters="name, values, result"),
            **_accuracy(is_curved, solver),
            "@SOLVER@": solver,
            "@SOLVE@": solve,
            "@SHOW@": shown,
            "@VALUES@": values,
        },
    )


def _accuracy(is_curved: bool, solver: str) -> dict[str, str]:
    if solver == "GLOP":
        return {"@GAP@": "0.0", "@TOLERANCE@": _PLAIN}
    if not is_curved:
        return {"@GAP@": "0.0", "@TOLERANCE@": ""}
    return {"@GAP@": "1e-8", "@TOLERANCE@": '    parameters.gscip.real_params["numerics/feastol"] = 1e-9\n'}
