"""Random small formulations that have a meaning, drawn by a grammar of the expression language.

The surface, for any property that must hold for every formulation:

* `contents()` is a strategy of objects as `json.loads` gives them; `formulations()` of `Formulation`s that have no
  error among their findings. Both take `Shape`, which says what may occur.
* `sample(strategy, count)` draws a list outside of `@given`, for what is only worth doing with many at once, such as
  running programs in one process. (A list of thirty formulations is more than hypothesis draws as one example.)
* `formulations(Shape(bounded=True))` (the default) gives finite bounds to every variable, so that a formulation is
  optimal or infeasible and never unbounded. `Shape(bounded=False)` leaves some bounds out.
* `Shape(quadratic=True)` may give a minimised objective a convex quadratic part.

What is drawn: sets of texts, whole numbers and pairs, given and computed, empty ones among them; parameters of
every index shape, with defaults and computed; scalar and indexed variables of all domains with bounds that are
numbers, expressions, crossed or infinite; families of sets, joined sets, neighbours; sums with one or two clauses
and filters that tie indices, conditional coefficients, truth in arithmetic, `first`, `last`, `t - 1`; constraints
with `<=`, `>=`, `==`, `<`, `>` and chains, with and without clauses, some without any variable; and no objective at
all. All numbers are multiples of small powers of two, so that sums are exact and no coefficient is what rounding
leaves of zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from nl2opt import Formulation

TEXTS = ("a", "b", "c", "x y", "1", "ü")
NUMBERS = (-3, -1.5, -1, 0, 0.25, 1, 2, 2.5, 4)
Drawn = TypeVar("Drawn")
COMPARED = ("<=", "<=", ">=", "==", "<", ">")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What may occur in a random formulation.

    Attributes:
        bounded: whether every variable has finite bounds.
        quadratic: whether a minimised objective may have a convex quadratic part; such formulations are continuous.
        max_constraints: how many constraints there are at most.
        depth: how deeply sums and conditionals may be nested.
    """

    bounded: bool = True
    quadratic: bool = False
    max_constraints: int = 5
    depth: int = 2


@st.composite
def contents(draw: st.DrawFn, shape: Shape = Shape()) -> dict[str, Any]:
    """Draw a formulation as the object that its JSON text stands for; it may have errors, seldom."""
    return _Grammar(draw, shape).formulation()


@st.composite
def formulations(draw: st.DrawFn, shape: Shape = Shape()) -> Formulation:
    """Draw a formulation without errors."""
    formulation = Formulation.from_dict(draw(contents(shape)))
    assume(not any(finding.is_error for finding in formulation.check()))
    return formulation


def sample(strategy: st.SearchStrategy[Drawn], count: int) -> list[Drawn]:
    """Draw different examples of a strategy, the same ones every time unless the profile explores."""
    found: list[Drawn] = []

    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(example: Drawn) -> None:
        found.append(example)

    collect()
    return found


@dataclass(frozen=True)
class _Scope:
    """Loop variables that are visible.

    Attributes:
        texts: those over the set of texts.
        numbers: those over the set of numbers.
        pairs: those that together are a pair of the set of pairs.
        in_set: those over numbers that run over the set of numbers.
        with_previous: those over numbers whose predecessor is in the set.
        nothing: those over the empty set.
    """

    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    in_set: tuple[str, ...] = ()
    with_previous: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.texts, *self.numbers, *self.nothing)


@dataclass
class _Grammar:
    draw: st.DrawFn
    shape: Shape
    texts: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    pairs: list[list[str]] = field(default_factory=list)

    def formulation(self) -> dict[str, Any]:
        sets = self.sets()
        minimised = self.shape.quadratic or self.draw(st.booleans())
        objective = {"sense": "minimize" if minimised else "maximize", "expression": self.objective()}
        rows = range(self.draw(st.integers(0, self.shape.max_constraints)))
        return {
            "title": self.draw(st.sampled_from(["", "Plan", 'A "plan"'])),
            "sets": sets,
            "parameters": self.parameters(),
            "variables": self.variables(),
            "objective": None if self.one_in(12) else objective,
            "constraints": [
                {"name": f"row_{number}", "expression": self.constraint(), "enabled": not self.one_in(10)}
                for number in rows
            ],
        }

    def one_in(self, count: int) -> bool:
        return self.draw(st.integers(1, count)) == count

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    # -- data -----------------------------------------------------------------------------------------

    def sets(self) -> list[dict[str, Any]]:
        self.texts = self.draw(st.permutations(TEXTS))[: self.draw(st.integers(1, 3))]
        self.numbers = list(range(1, self.draw(st.integers(2, 5))))
        every = [[a, b] for a in self.texts for b in self.texts]
        self.pairs = self.draw(st.lists(st.sampled_from(every), min_size=1, max_size=3, unique_by=tuple))
        computed = self.one_in(3)
        if computed:
            self.pairs = [pair for pair in every if pair[0] != pair[1]]
        return [
            {"name": "I", "elements": self.texts, "description": self.pick("", "what is made")},
            {"name": "T", "elements": self.pick(self.numbers, f"range(1, {len(self.numbers) + 1})")},
            {"name": "ARC", "elements": "[(i, j) for i in I for j in I if i != j]" if computed else self.pairs},
            {"name": "NONE", "elements": []},
            {"name": "NEAR", "index": ["I"], "elements": self.family()},
        ]

    def family(self) -> Any:
        if self.one_in(2):
            return "{i: [t for t in T if q[i, t] > 0] for i in I}"
        return {text: self.numbers[: self.draw(st.integers(0, 2))] for text in self.texts}

    def number(self) -> float:
        return float(self.draw(st.sampled_from(NUMBERS)))

    def parameters(self) -> list[dict[str, Any]]:
        by_pair = {f"{a},{b}": self.number() for a, b in self.pairs}
        if by_pair and self.one_in(3):
            by_pair.popitem()
        by_period = [self.number() for _ in self.numbers]
        return [
            {"name": "n", "value": self.pick(2, 4, 0.5), "unit": "$"},
            {"name": "w", "index": ["I"], "value": {text: self.number() for text in self.texts}},
            {"name": "d", "index": ["T"], "value": self.pick(by_period, "{t: t / 2 for t in T}")},
            {"name": "q", "index": ["I", "T"], "value": [[self.number() for _ in self.numbers] for _ in self.texts]},
            {"name": "c", "index": ["ARC"], "value": by_pair, "default": 1},
        ]

    def variables(self) -> list[dict[str, Any]]:
        return [
            self.variable("x", [], {}),
            self.variable("k", [], {}),
            self.variable("make", ["I"], {"as": ["i"]}, "w[i]"),
            self.variable("hold", ["T"], {"as": ["t"]}, "d[t]"),
            self.variable("plan", ["I", "T"], {"as": ["i", "t"]}, "q[i, t]"),
            self.variable("flow", ["ARC"], {"as": ["i", "j"]}, "c[i, j] + w[j]"),
            self.variable("ship", ["ARC", "T"], {}, "c[arc] + d[t]"),
        ]

    def variable(self, name: str, index: list[str], fields: Mapping[str, Any], varying: str = "n") -> dict[str, Any]:
        domain = "continuous" if self.shape.quadratic else self.pick("continuous", "continuous", "integer", "binary")
        content: dict[str, Any] = {"name": name, "index": index, "domain": domain, **fields}
        if domain == "binary":
            bounds: Any = self.pick({}, {}, {"lower": 1}, {"upper": 0.5}, {"upper": f"abs({varying})"})
            return {**content, **bounds}
        lower = self.pick(None, None, 0, -2, 1.5, f"{varying} - 4")
        upper = self.pick(3, 7.5, f"{varying} + 6", f"max({varying}, 2)", varying if self.one_in(4) else 4)
        if not self.shape.bounded:
            lower, upper = self.pick(lower, "-inf"), self.pick(upper, None, "inf")
        content.update({"lower": lower} if lower is not None else {}, **({"upper": upper} if upper is not None else {}))
        return content

    # -- expressions ----------------------------------------------------------------------------------

    def objective(self) -> str:
        linear = self.linear(_Scope(), self.shape.depth)
        if not self.shape.quadratic or self.one_in(4):
            return linear
        part = self.pick(
            "(x - n)**2", "sum(make[i]**2 for i in I)", "(x - k)**2 / 2", "sum((hold[t] - d[t])**2 for t in T)"
        )
        return f"{linear} + {part}"  # fmt: skip

    def constraint(self) -> str:
        clauses, scope = ("", _Scope()) if self.one_in(2) else self.clauses(_Scope())
        depth = self.shape.depth
        middle = self.constant(scope) if self.one_in(15) else self.linear(scope, depth)
        if self.one_in(5):
            ends = (self.constant, self.linear if self.one_in(5) else self.constant)
            first, second = (self.side(end, scope) for end in ends)
            signs = self.pick(("<=", "<="), (">=", ">="), ("<", "<="), ("<=", "<"))
            return f"{first} {signs[0]} {middle} {signs[1]} {second}{clauses}"
        other = self.linear(scope, 0) if self.one_in(3) else self.constant(scope)
        left, right = self.pick((middle, other), (middle, other), (other, middle))
        return f"{left} {self.pick(*COMPARED)} {right}{clauses}"

    def side(self, end: Callable[..., str], scope: _Scope) -> str:
        return end(scope) if end == self.constant else end(scope, 0)

    def linear(self, scope: _Scope, depth: int) -> str:
        terms = [self.term(scope, depth) for _ in range(self.draw(st.integers(1, 3)))]
        text = terms[0] if not self.one_in(5) else f"-{terms[0]}"
        for term in terms[1:]:
            text += f" {self.pick('+', '+', '-')} {term}"
        return text

    def term(self, scope: _Scope, depth: int) -> str:
        choice = self.draw(st.integers(0, 9))
        if depth and choice <= 3:
            clauses, inner = self.clauses(scope)
            return f"sum({self.linear(inner, depth - 1)}{clauses})"
        if depth and choice == 4:
            body, other = self.linear(scope, depth - 1), self.linear(scope, 0)
            return f"({body} if {self.condition(scope)} else {other})"
        if depth and choice == 5:
            return f"{self.factor(scope)} * ({self.linear(scope, depth - 1)})"
        column = self.column(scope)
        return self.pick(
            column, f"{self.factor(scope)} * {column}", f"{column} * {self.factor(scope)}", f"{column} / n",
            f"{column} * ({self.condition(scope)})", self.factor(scope),
        )  # fmt: skip

    def column(self, scope: _Scope) -> str:
        """Return a variable at indices that it has."""
        texts, numbers = self.text(scope), self.period(scope)
        choices = ["x", "k", f"make[{texts}]", f"hold[{numbers}]", f"plan[{texts}, {numbers}]"]
        if pair := self.pair(scope):
            choices += [f"flow[{pair}]", f"ship[{pair}, {numbers}]"] * 2
        return str(self.pick(*choices))

    def factor(self, scope: _Scope) -> str:
        """Return a known number that binds as tightly as a product."""
        texts, numbers = self.text(scope), self.period(scope)
        choices = [
            "0.5", "2", "3", "n", f"w[{texts}]", f"d[{numbers}]", f"q[{texts}, {numbers}]", "len(T)", "(n - 1)",
            f"max(w[{texts}], 1)", f"abs({numbers} - 2)", "sum(s for s in T)", "2**2", "(7 % 4)", "floor(n)",
            f"ord(T, {numbers})", f"len(NEAR[{texts}])", "len(I | ['z'])",
        ]  # fmt: skip
        if pair := self.pair(scope):
            choices.append(f"c[{pair}]")
        return str(self.pick(*choices))

    def constant(self, scope: _Scope) -> str:
        offset = self.draw(st.sampled_from([-6, -1, 0, 2, 2.5, 4, 9, 20]))
        return self.pick(f"{offset}", f"{self.factor(scope)} + {abs(offset)}", f"{abs(offset)} - {self.factor(scope)}")  # type: ignore[no-any-return]

    def text(self, scope: _Scope) -> str:
        choices = [*scope.texts * 4, f"'{self.pick(*self.texts)}'", "first(I)", "last(I)"]
        return str(self.pick(*choices))

    def period(self, scope: _Scope) -> str:
        previous = [text for name in scope.with_previous for text in (f"{name} - 1", f"prev(T, {name})")]
        around = [f"next(T, {name}, cyclic=True)" for name in scope.in_set]
        choices = [*scope.numbers * 4, *previous * 2, *around, str(self.pick(*self.numbers)), "first(T)", "last(T)"]
        return str(self.pick(*choices))

    def pair(self, scope: _Scope) -> str:
        """Return a pair of the set, as two indices; empty where there is none."""
        if scope.pairs:
            return ", ".join(self.pick(*scope.pairs))
        if self.pairs:
            return ", ".join(f"'{text}'" for text in self.pick(*self.pairs))
        return ""

    def condition(self, scope: _Scope) -> str:
        texts, numbers = self.text(scope), self.period(scope)
        simple = self.pick(
            "n > 2", f"{texts} == '{self.texts[0]}'", f"{numbers} != {self.numbers[-1]}", f"w[{texts}] > 0",
            f"{texts} in ['{self.texts[0]}', '{self.texts[-1]}']", f"{numbers} in T", f"0 < {numbers} <= 2",
            f"({texts}, {texts}) in ARC", f"{texts} != {self.text(scope)}",
        )  # fmt: skip
        return self.pick(simple, simple, f"not {simple}", f"{simple} and n < 9", f"({simple} or n > 9)")  # type: ignore[no-any-return]

    def clauses(self, scope: _Scope) -> tuple[str, _Scope]:
        """Return one or two clauses with filters, and what is visible behind them."""
        text = ""
        for _ in range(self.draw(st.integers(1, 2))):
            clause, scope = self.clause(scope)
            text += clause
        if self.one_in(3):
            text += f" if {self.condition(scope)}"
        return text, scope

    def clause(self, scope: _Scope) -> tuple[str, _Scope]:
        i, j, t = (_new(name, scope.names) for name in ("i", "j", "t"))
        kind = self.pick("texts", "texts", "numbers", "numbers", "earlier", "pairs", "listed", "near", "joined", "none")
        match kind:
            case "texts":
                return f" for {i} in I", _with(scope, texts=(i,))
            case "numbers":
                return f" for {t} in T", _with(scope, numbers=(t,), in_set=(t,))
            case "earlier":
                return f" for {t} in T if {t} > first(T)", _with(scope, numbers=(t,), in_set=(t,), with_previous=(t,))
            case "pairs":
                tie = f" if {i} == {self.text(scope)}" if self.one_in(2) else ""
                return f" for ({i}, {j}) in ARC{tie}", _with(scope, texts=(i, j), pairs=((i, j),))
            case "listed":
                return f" for {t} in [{self.numbers[0]}, {self.numbers[-1]}]", _with(scope, numbers=(t,))
            case "near":
                return f" for {t} in NEAR[{self.text(scope)}]", _with(scope, numbers=(t,), in_set=(t,))
            case "joined":
                some = self.pick("I | [first(I)]", "I - [first(I)]", "I & [last(I)]", "{a for (a, b) in ARC}")
                return f" for {i} in {some}", _with(scope, texts=(i,))
            case _:
                return f" for {i} in NONE", _with(scope, nothing=(i,))


def _new(name: str, taken: tuple[str, ...]) -> str:
    number = 2
    candidate = name
    while candidate in taken:
        candidate, number = f"{name}{number}", number + 1
    return candidate


def _with(scope: _Scope, **more: tuple[Any, ...]) -> _Scope:
    return replace(scope, **{name: (*getattr(scope, name), *loops) for name, loops in more.items()})
