from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.formulation.language.parser import MAX_EXPRESSION_CHARACTERS, ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Addition, Comparison, Comprehension, Index, Name, Number, Text, walk
from tests.nl2opt.formulation.expressions import FRAGMENTS


@pytest.mark.parametrize(
    ("spelling", "python"),
    [
        ("x[i] <= 5, i in I", "x[i] <= 5 for i in I"),
        ("x[i, j] <= 5, i in I, j in J if i != j", "x[i, j] <= 5 for i in I for j in J if i != j"),
        ("x[i] <= 5, for i in I", "x[i] <= 5 for i in I"),
        ("x[i] <= 5 for all i in I", "x[i] <= 5 for i in I"),
        ("x[i] <= 5 for each i in I", "x[i] <= 5 for i in I"),
        ("x[i] ≤ 5 ∀ i ∈ I", "x[i] <= 5 for i in I"),
        ("x[i, j] <= 5, (i, j) in ARCS", "x[i, j] <= 5 for (i, j) in ARCS"),
        ("x[i] <= 5,\n  i in I", "x[i] <= 5 for i in I"),
        ("sum(x[i, j] for i in I, j in J) ≥ 2", "sum(x[i, j] for i in I for j in J) >= 2"),
        ("2 × x − y · 3 ≠ 1", "2 * x - y * 3 != 1"),
        ("x[i][j]", "x[i, j]"),
        ("x[(i, j)]", "x[i, j]"),
        ("x[{i, j}]", "x[i, j]"),
    ],
)
def test_other_spellings_mean_pythons(spelling: str, python: str) -> None:
    assert parse_expression(spelling).root == parse_expression(python).root


def test_text_literals_are_left_as_they_are() -> None:
    root = parse_expression("x['5 × 3', 'for all'] ≤ 2, i in I").root
    texts = [node.value for node in walk(root) if isinstance(node, Text)]
    assert texts == ["5 × 3", "for all"]


def test_a_chain_of_additions_is_one_flat_node() -> None:
    root = parse_expression(" + ".join(["x"] * 500)).root
    assert isinstance(root, Addition)
    assert len(root.terms) == 500


def test_minus_reaches_through_parentheses() -> None:
    root = parse_expression("a - (b - c)").root
    assert root == Addition(((1, Name("a")), (-1, Name("b")), (1, Name("c"))))


def test_a_chained_comparison_keeps_its_order() -> None:
    root = parse_expression("1 <= x < 3").root
    assert root == Comparison((Number(1), Name("x"), Number(3)), ("<=", "<"))


def test_a_constraint_with_clauses_is_a_comprehension() -> None:
    root = parse_expression("x[i] <= 1 for i in I if i != 'a'").root
    assert isinstance(root, Comprehension)
    (clause,) = root.clauses
    assert (clause.targets, len(clause.conditions)) == (("i",), 1)


@pytest.mark.parametrize("text", ["côté[é] * 2 <= prix", "a +\n  côté[é]", "a + \x0c côté[é]"])
def test_a_node_quotes_its_own_piece_of_text(text: str) -> None:
    expression = parse_expression(text)
    (index,) = [node for node in walk(expression.root) if isinstance(node, Index)]
    assert expression.quote(index) == "côté[é]"


@pytest.mark.parametrize(
    ("text", "code", "mend"),
    [
        ("", "empty_expression", ""),
        ("x = 5", "single_equals", "`==`"),
        ("x =< 5", "single_equals", "`<=`"),
        ("x => 5", "single_equals", "`>=`"),
        ("x <= 12.5% * y", "percent_sign", "0.125"),
        ("2x + 3", "missing_operator", "`2 * x`"),
        ("$5 + x", "currency_sign", "sign"),
        ("(x + 1", "unbalanced", ""),
        ("a) + (b", "unbalanced", ""),
        ("x['a", "unbalanced", "quote"),
        ("x + 1 # hours", "comment", "description"),
        ("x +", "syntax", "Python"),
        ("x ^ 2", "unknown_syntax", "`**`"),
        ("2(x + y)", "unknown_syntax", "`a * (b)`"),
        ("summ(x[i] for i in I)", "unknown_function", "`sum`"),
        ("x := 5", "unknown_syntax", "`==`"),
        ("x.y", "unknown_syntax", "`name[index]`"),
        ("x is 5", "unknown_syntax", "`==`"),
        ("x[1:2]", "unknown_syntax", "`sum("),
        ("x[()]", "unknown_syntax", ""),
        ("max({x for x in I})", "unknown_syntax", "braces"),
        ("abs(x for x in I)", "unknown_syntax", ""),
        ("sum()", "unknown_syntax", ""),
        ("lambda: 1", "unknown_syntax", ""),
        ("None", "unknown_syntax", ""),
        ("1j", "unknown_syntax", ""),
        ("1e999", "number_too_large", ""),
        ("[x async for x in I]", "unknown_syntax", ""),
        ("abs(" * 70 + "x" + ")" * 70, "too_deep", "`sum`"),
        ("*".join("x" * 100), "too_deep", "`sum`"),
        ("+".join("x" * 50_000), "too_deep", "`sum`"),
        ("x <= 1" + "".join(f" for i{k} in I" for k in range(3000)), "too_many_clauses", "set of the combinations"),
        ("x" * (MAX_EXPRESSION_CHARACTERS + 1), "expression_too_long", "sets"),
    ],
)
def test_what_is_not_of_the_language_is_refused_with_its_mend(text: str, code: str, mend: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert caught.value.code == code
    assert mend in caught.value.mend


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "-" * 100_000 + "1", "x" + "[1]" * 3000, "'" + "\\'" * 50_000, "not " * 10_000 + "x", "\ud800", "x\0"],
)
def test_hostile_texts_are_refused_quickly(text: str) -> None:
    begin = time.thread_time()
    with pytest.raises(ExpressionError):
        parse_expression(text)
    assert time.thread_time() - begin < 5


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused_within_a_second(text: str) -> None:
    begin = time.thread_time()
    with suppress(ExpressionError):
        parse_expression(text)
    assert time.thread_time() - begin < 1
