"""What a program's exception tells that helps to mend it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvers.sandbox import Pool, ProgramRun


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool() as pool:
        yield pool


def hints(run: ProgramRun) -> str:
    assert run.claimed_exception is not None
    return " ".join(run.claimed_exception.hints)


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("import highspy\nh = highspy.Highs()\nx = h.addVariable(lower=0)", "`h.addVariable(lb: 'float' = 0, ub:"),
        ("import highspy\nh = highspy.Highs()\nx = h.addVarible()", "Did you mean `addVariable`"),
        (
            "from pyscipopt import Model\nm = Model()\nx = m.addVar('x', lower=3)",
            "`m.addVar(name='', vtype='C'",
        ),
        ("import gurobipy", "gurobipy is not installed. Installed are Pyomo,"),
        ("from pyomo.environ import Varr", "`pyomo.environ` has no `Varr`. Did you mean `Var`?"),
        ("costs = {'a': 1, 'b': 2}\nprint(costs['c'])", "`costs` has no key 'c'; it has 'a', 'b'."),
        ("total = 3\nprint(totl)", "There is no `totl`. Did you mean `total`?"),
    ],
)
def test_facts_that_help_are_told(pool: Pool, source: str, hint: str) -> None:
    assert hint in hints(pool.run(source))


@pytest.mark.parametrize("source", ["print(1", "def f(n): return f(n + 1)\nf(0)", "raise ValueError"])
def test_there_may_be_nothing_to_tell(pool: Pool, source: str) -> None:
    assert hints(pool.run(source)) == ""


def test_hints_of_hostile_objects_do_no_harm(pool: Pool) -> None:
    source = "class A:\n    def __getattr__(self, name): raise SystemExit(0)\na = A()\nlen(a.b(1), 2)"
    assert pool.run(source).kind in ("exception", "finished")
