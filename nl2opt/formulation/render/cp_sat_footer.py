"""The end of a CP-SAT program: solve the model, for one objective or for several, and print what came out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nl2opt.formulation.render.footer_text import filled, show_function
from nl2opt.formulation.render.literals import text_literal

_FUNCTIONS: Final = '''

def value_of(expression):
    """Return the value of an expression in the solution."""
    return float(expression) if isinstance(expression, (int, float)) else solver.float_value(expression)


@FUNCTION@

def main():
    """Solve the model with CP-SAT and print what came out."""
@SOLVE@
    if status == "optimal":
@SHOW@
@VALUES@
    print(f"status: {status}")


if __name__ == "__main__":
    main()
'''
_ONE: Final = """    model.@SENSE@(@OBJECTIVE@)
    status = solver.status_name(solver.solve(model)).lower()"""
_VALUE: Final = '        print(f"objective: {value_of(objective)!r}")'
_STAGES: Final = """    # Each objective, its sense, and what share of its optimum later ones may give up
    stages = [@STAGES@]
    for expression, sense, tolerance in stages:
        row, _, scale = scaled(expression)
        (model.maximize if sense == "maximize" else model.minimize)(row)
        status = solver.status_name(solver.solve(model)).lower()
        if status != "optimal":
            break
        optimum, sign = solver.value(row), 1 if sense == "minimize" else -1
        slack = scale * tolerance * max(1.0, abs(value_of(expression)))
        model.add(sign * row <= sign * optimum + int(slack + 1e-6))"""
_STAGE_VALUES: Final = """        for number, (expression, _, _) in enumerate(stages, start=1):
            print(f"objective{'' if number == 1 else f' {number}'}: {value_of(expression)!r}")"""


def footer(
    *, sense: str, is_scaled: bool, stages: Sequence[tuple[str, str, float]], variables: Sequence[tuple[str, str]]
) -> str:
    """Return the end of the program.

    Args:
        sense: of the objective, where there is one.
        is_scaled: whether its numbers are made whole.
        stages: where there are several objectives, the name, sense and tolerance of each; else empty.
        variables: the name of each variable in the formulation, and in the program.
    """
    goal = "scaled(objective)[0]" if is_scaled else "objective"
    solve, values = _ONE.replace("@SENSE@", sense).replace("@OBJECTIVE@", goal), _VALUE
    if stages:
        listed = ", ".join(f'({name}, "{sense}", {tolerance!r})' for name, sense, tolerance in stages)
        solve, values = _STAGES.replace("@STAGES@", listed), _STAGE_VALUES
    shown = "\n".join(f"        show({text_literal(name)}, {code})" for name, code in variables)
    text = _FUNCTIONS
    return filled(
        text,
        {
            "@FUNCTION@": show_function("solver.value(variable)", is_whole=True),
            "@SOLVE@": solve,
            "@SHOW@": shown,
            "@VALUES@": values,
        },
    )
