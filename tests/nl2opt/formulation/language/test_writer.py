from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.syntax import FUNCTIONS, Addition, Comparison, Comprehension, Name, Node, Number, Text
from nl2opt.formulation.language.writer import number_text, to_text
from tests.nl2opt.formulation.expressions import constraints


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("((a)) + (b*c)", "a + b * c"),
        ("(a + b) * c", "(a + b) * c"),
        ("a - (b - c)", "a - b + c"),
        ("-(a * b)", "-(a * b)"),
        ("-a * b", "-a * b"),
        ("(-a) ** 2", "(-a) ** 2"),
        ("-a ** 2", "-a ** 2"),
        ("(a ** b) ** c", "(a ** b) ** c"),
        ("a ** b ** c", "a ** b ** c"),
        ("a / (b / c)", "a / (b / c)"),
        ("2 ** -1", "2 ** -1"),
        ("(-2) ** 2", "(-2) ** 2"),
        ("a * -3", "a * -3"),
        ("1.50", "1.5"),
        ("1e22", "1e+22"),
        ("x[i,j]", "x[i, j]"),
        ("x[t - 1]", "x[t - 1]"),
        ("not (a == b)", "not a == b"),
        ("(a or b) and c", "(a or b) and c"),
        ("a if c else (b if d else e)", "a if c else b if d else e"),
        ("(a if c else b) + 1", "(a if c else b) + 1"),
        ("x[i] <= 5, i in I, j in J if i != j", "x[i] <= 5 for i in I for j in J if i != j"),
        ("sum(x[i] for (i, j) in ARC)", "sum(x[i] for (i, j) in ARC)"),
        ("[(i, j) for i in I]", "[(i, j) for i in I]"),
        ("{i: p[i] for i in I}", "{i: p[i] for i in I}"),
        ("['a']", "('a',)"),
        ("()", "()"),
        ('"it\'s"', '"it\'s"'),
        ("max([a <= b for i in I], 3)", "max([a <= b for i in I], 3)"),
        ("sum(x for i in (I if a else J))", "sum(x for i in (I if a else J))"),
        ("1 <= (a <= b)", "1 <= (a <= b)"),
        ("a | (b & c)", "a | b & c"),
        ("(a | b) & c - d", "(a | b) & c - d"),
        ("a | (b | c)", "a | (b | c)"),
        ("i in (A | B)", "i in A | B"),
        ("prev(T, t, 2, cyclic=True)", "prev(T, t, 2, cyclic=True)"),
        ("next(T, t, cyclic=False)", "next(T, t)"),
        ("first([i for i in I])", "first([i for i in I])"),
        ("{j for (i, j) in A}", "{j for (i, j) in A}"),
        ("len({j for (i, j) in A})", "len({j for (i, j) in A})"),
        ("N[i] | [j]", "N[i] | (j,)"),
    ],
)
def test_a_text_is_written_with_few_parentheses(text: str, written: str) -> None:
    root = parse_expression(text).root
    assert to_text(root) == written
    assert parse_expression(written).root == root


@pytest.mark.parametrize(
    ("number", "text"), [(3.0, "3"), (-2.0, "-2"), (0.1, "0.1"), (1e15, "1000000000000000.0"), (2.0**-1074, "5e-324")]
)
def test_a_number_is_written_as_short_as_it_can_be(number: float, text: str) -> None:
    assert number_text(number) == text


_NAMES = st.sampled_from(["a", "x", "côté", "I"])
_LEAVES = _NAMES | st.floats(0, allow_infinity=False).map(repr) | st.integers(0, 10**6).map(str) | st.text().map(ascii)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    signs = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "**", "<=", "<", "==", "in", "not in", "and", "or", "|", "&"]
    )
    return st.one_of(
        st.tuples(inner, signs, inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        st.tuples(st.sampled_from(["-", "+", "not "]), inner).map(lambda t: f"({t[0]}({t[1]}))"),
        st.tuples(_NAMES, st.lists(inner, min_size=1, max_size=2)).map(lambda t: f"{t[0]}[{', '.join(t[1])}]"),
        st.tuples(st.sampled_from(FUNCTIONS), two).map(lambda t: f"{t[0]}({t[1][0]}, {t[1][1]})"),
        st.tuples(st.sampled_from(["sum", "max"]), inner, inner, inner).map(
            lambda t: f"{t[0]}(({t[1]}) for (i, j) in ({t[2]}) if ({t[3]}))"
        ),
        st.tuples(inner, two).map(lambda t: f"(({t[0]}) if ({t[1][0]}) else ({t[1][1]}))"),
        two.map(lambda t: f"(({t[0]}), ({t[1]}))"),
        two.map(lambda t: f"[({t[0]}) for i in ({t[1]})]"),
        st.tuples(inner, two).map(lambda t: f"{{({t[0]}): ({t[1][0]}) for i in ({t[1][1]})}}"),
    )


@settings(max_examples=100, deadline=None)
@given(st.recursive(_LEAVES, _larger, max_leaves=12) | constraints())
def test_what_was_written_reads_back_as_the_same(text: str) -> None:
    root = parse_expression(text).root
    assert parse_expression(to_text(root)).root == root


@pytest.mark.parametrize(
    "node",
    [
        Text("\U000e0001 \u2028 \\ ' \""),
        Addition(((-1, Name("x")), (1, Number(2)))),
        Comparison((Number(-1), Name("x")), ("<=",)),
    ],
)
def test_unusual_nodes_are_written_so_that_they_read_back(node: Node) -> None:
    assert parse_expression(to_text(node)).root == node


def test_a_constraint_is_written_without_brackets() -> None:
    root = parse_expression("[x[i] <= 1 for i in I]").root
    assert isinstance(root, Comprehension)
    assert to_text(root) == "x[i] <= 1 for i in I"
