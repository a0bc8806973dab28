"""The end of a Pyomo program: solve the model, for one objective or for several, and print what came out."""

from __future__ import annotations

from collections.abc import Sequence

_HEAD = '''

def main():
    """Solve the model with {solver} and print what came out."""
    solver = pyo.SolverFactory("{factory}")
    options = {options}
'''
_ONE = """    results = solver.solve(model, load_solutions=False, options=options)
    status = str(results.solver.termination_condition)
    if status == "optimal":
        model.solutions.load_from(results)
"""
_SEVERAL = """    # Each objective, and what share of its optimum later ones may give up
    stages = [{stages}]
    for objective, _ in stages:
        objective.deactivate()
    model.held = pyo.ConstraintList()
    for objective, tolerance in stages:
        objective.activate()
        results = solver.solve(model, load_solutions=False, options=options)
        status = str(results.solver.termination_condition)
        if status != "optimal":
            break
        model.solutions.load_from(results)
        objective.deactivate()
        optimum = pyo.value(objective)
        slack = tolerance * max(1.0, abs(optimum))
        is_small = objective.sense == pyo.minimize
        held = objective.expr <= optimum + slack if is_small else objective.expr >= optimum - slack
        if held is not True:
            model.held.add(held)
    if status == "optimal":
"""
_VALUES = """        for variable in model.component_data_objects(pyo.Var):
            if variable.value{shown}:
                print(f"{{variable.name}} = {{variable.value:g}}")
        print(f"objective: {{pyo.value(model.objective)!r}}")
"""
_LATER = """        for number, (objective, _) in enumerate(stages[1:], start=2):
            print(f"objective {number}: {pyo.value(objective)!r}")
"""
_END = """    print(f"status: {status}")


if __name__ == "__main__":
    main()
"""


def footer(*, stages: Sequence[tuple[str, float]], has_extrema: bool, is_nonlinear: bool, is_bent: bool) -> str:
    """Return the end of the program.

    Args:
        stages: the names of the objectives in the model, in their order, each with its tolerance; empty for a
            model with one objective.
        has_extrema: whether there are auxiliary variables, which are not printed.
        is_nonlinear: whether HiGHS cannot take the model; the program then calls SCIP.
        is_bent: whether HiGHS would bend a quadratic objective so that its optimum is unique, and may then go round
            for ever; it is told not to.
    """
    named = {"solver": "HiGHS", "factory": "highs", "options": '{"mip_rel_gap": 0.0, "mip_abs_gap": 0.0}'}
    if is_bent:
        named["options"] = named["options"].replace("}", ', "qp_regularization_value": 0.0}')
    if is_nonlinear:
        # Through PySCIPOpt; the other name, `scip`, needs the program of that name.
        named = {"solver": "SCIP", "factory": "scip_direct", "options": '{"numerics/feastol": 1e-9}'}
    shown = ' and variable.parent_component().local_name not in ("extrema", "choices")' if has_extrema else ""
    listed = ", ".join(f"(model.{name}, {tolerance!r})" for name, tolerance in stages)
    parts = [_HEAD.format(**named), _SEVERAL.format(stages=listed) if stages else _ONE, _VALUES.format(shown=shown)]
    return "".join([*parts, _LATER if stages else "", _END])
