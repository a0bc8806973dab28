"""The end of a PySCIPOpt program: solve the model, for one objective or for several, and print what came out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nl2opt.formulation.render.footer_text import filled, show_function
from nl2opt.formulation.render.literals import text_literal

_FUNCTIONS: Final = '''

@FUNCTION@

def solved(expression, sense):
    """Solve the model for an objective, and return the status."""
    model.setObjective(expression, sense)
    model.optimize()
    status = model.getStatus()
@GAP@    if status == "optimal" and abs(model.getDualbound()) >= 1e19:
        return "unbounded"
    if status == "inforunbd":  # without an objective nothing is unbounded
        model.freeTransform()
        model.setObjective(0, sense)
        model.optimize()
        return "infeasible" if model.getStatus() == "infeasible" else "@OTHERWISE@"
    return status
'''
_GAP: Final = """    if status == "gaplimit":
        status = "optimal"
"""
_MAIN: Final = '''

def main():
    """Solve the model with SCIP and print what came out."""
    @SOLVE@
    if status == "optimal":
@SHOW@
@VALUES@
    print(f"status: {status}")


if __name__ == "__main__":
    main()
'''
_ONE: Final = '    status = solved(objective, "@SENSE@")'
_VALUE: Final = '        print(f"objective: {model.getObjVal()!r}")'
_STAGES: Final = """    # Each objective, its sense, and what share of its optimum later ones may give up
    stages = [@STAGES@]
    for number, (expression, sense, tolerance) in enumerate(stages, start=1):
        status = solved(expression, sense)
        if status != "optimal" or number == len(stages):
            break
        optimum = model.getObjVal()
        slack = tolerance * max(1.0, abs(optimum))
        held = expression <= optimum + slack if sense == "minimize" else expression >= optimum - slack
        model.freeTransform()
        if held is not True:
            model.addCons(held)"""
_STAGE_VALUES: Final = """        for number, (expression, _, _) in enumerate(stages, start=1):
            print(f"objective{'' if number == 1 else f' {number}'}: {float(model.getVal(expression))!r}")"""


def footer(
    *, is_curved: bool, sense: str, stages: Sequence[tuple[str, str, float]], variables: Sequence[tuple[str, str]]
) -> str:
    """Return the end of the program.

    Args:
        is_curved: whether the model is nonlinear: it is solved up to a gap, and may have no optimum where feasible
            points are all that is known of it.
        sense: of the objective, where there is one.
        stages: where there are several objectives, the name, sense and tolerance of each; else empty.
        variables: the name of each variable in the formulation, and in the program.
    """
    solve, values = _ONE.replace("@SENSE@", sense), _VALUE
    if stages:
        listed = ", ".join(f'({name}, "{sense}", {tolerance!r})' for name, sense, tolerance in stages)
        solve, values = _STAGES.replace("@STAGES@", listed), _STAGE_VALUES
    shown = "\n".join(f"        show({text_literal(name)}, {code})" for name, code in variables)
    text = _FUNCTIONS + _MAIN
    otherwise = "infeasible or unbounded" if is_curved else "unbounded"
    text = text.replace("@GAP@", _GAP if is_curved else "").replace("@OTHERWISE@", otherwise)
    return filled(
        text,
        {
            "@FUNCTION@": show_function("model.getVal(variable)"),
            "    @SOLVE@": solve,
            "@SHOW@": shown,
            "@VALUES@": values,
        },
    )
