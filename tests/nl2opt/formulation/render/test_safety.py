from __future__ import annotations

import ast
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nl2opt.formulation.render import LIBRARIES
from nl2opt.formulation.render.latex_text import escape_text
from nl2opt.formulation.render.literals import comment_text, element_literal, text_literal
from tests.nl2opt.formulation.random_formulations import sample
from tests.nl2opt.formulation.render.running import outcomes_of_programs
from tests.nl2opt.formulation.render.strategies import HOSTILE, elements, hostile_formulation

ALLOWED_NODES = {
    ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Expr,
    ast.Return, ast.If, ast.For, ast.IfExp, ast.Compare, ast.Eq, ast.NotEq, ast.LtE, ast.GtE, ast.Gt, ast.Is,
    ast.BoolOp, ast.And, ast.Or, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UnaryOp, ast.USub,
    ast.Not, ast.Call, ast.keyword, ast.Attribute, ast.Name, ast.Load, ast.Store, ast.Subscript, ast.Constant,
    ast.List, ast.Tuple, ast.Dict, ast.GeneratorExp, ast.ListComp, ast.DictComp, ast.comprehension, ast.JoinedStr,
    ast.FormattedValue, ast.Lambda,
}  # fmt: skip
ALLOWED_NAMES = {
    "pyomo": {"pyo", "model", "main", "solver", "options", "results", "status", "variable", "str", "print", "sum",
              "__name__", "I", "p", "i"},
    "highspy": {"highspy", "h", "main", "status", "objective", "show", "name", "values", "index", "value", "parts",
                "part", "texts", "place", "isinstance", "dict", "tuple", "str", "repr", "print", "__name__", "I", "p",
                "i", "x"},
    "pyscipopt": {"pyscipopt", "model", "main", "status", "objective", "show", "solved", "expression", "sense",
                  "name", "values", "index", "value", "variable", "parts", "part", "texts", "place", "isinstance",
                  "dict", "tuple", "str", "repr", "print", "abs", "__name__", "I", "p", "i", "x"},
    "ortools": {"mathopt", "model", "main", "status", "objective", "show", "solved", "expression", "sense", "result",
                "parameters", "name", "values", "index", "value", "variable", "parts", "part", "texts", "place",
                "isinstance", "dict", "tuple", "str", "repr", "print", "abs", "__name__", "I", "p", "i", "x"},
}  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "pyomo": {
        "ConcreteModel", "Var", "Reals", "Objective", "maximize", "Constraint", "ConstraintList", "SolverFactory",
        "value", "objective", "x", "named", "filtered", "add", "solve", "termination_condition", "solutions",
        "load_from", "name", "component_data_objects", "solver",
    },
    "highspy": {
        "Highs", "silent", "setOptionValue", "addVariables", "addConstr", "addConstrs", "qsum", "maximize", "lower",
        "modelStatusToString", "getModelStatus", "getObjectiveValue", "val", "items", "join", "isprintable",
    },
    "pyscipopt": {
        "Model", "hideOutput", "addVar", "addCons", "quicksum", "setObjective", "optimize", "getStatus", "getDualbound",
        "freeTransform", "getObjVal", "getVal", "items", "join", "isprintable",
    },
    "ortools": {
        "Model", "add_variable", "add_linear_constraint", "fast_sum", "maximize", "minimize",
        "SolveParameters", "presolve", "Emphasis", "OFF", "solve", "SolverType", "GLOP",
        "termination", "reason", "name", "lower", "replace",
        "objective_value", "variable_values",
        "items", "join", "isprintable",
    },
}  # fmt: skip
IMPORTED = {"pyomo": ["pyomo.environ"], "highspy": ["highspy"], "pyscipopt": ["pyscipopt"], "ortools": ["mathopt"]}
LIBRARY = pytest.mark.parametrize("library", LIBRARIES)
TEXTS = st.lists(HOSTILE, min_size=8, max_size=8)
SETTINGS = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@LIBRARY
@SETTINGS
@given(TEXTS, elements())
def test_no_text_becomes_code_of_the_program(library: str, texts: list[str], items: list[str]) -> None:
    tree = ast.parse(hostile_formulation(texts, items).to_program(library).encode())
    for node in ast.walk(tree):
        assert type(node) in ALLOWED_NODES
        if isinstance(node, ast.Name):
            assert node.id in ALLOWED_NAMES[library]
        elif isinstance(node, ast.Attribute):
            assert node.attr in ALLOWED_ATTRIBUTES[library]
    imported = [
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    ]
    assert imported == IMPORTED[library]


ALLOWED_IN_CP_SAT = {
    "cp_model", "model", "solver", "value_of", "float", "int", "max", "sum", "CpModel", "CpSolver", "new_int_var",
    "status_name", "float_value", "add",
} | ALLOWED_NAMES["ortools"] | ALLOWED_ATTRIBUTES["ortools"]  # fmt: skip


@SETTINGS
@given(TEXTS, elements())
def test_no_text_becomes_code_of_a_program_for_cp_sat(texts: list[str], items: list[str]) -> None:
    drawn = hostile_formulation(texts, items)
    whole = [variable.model_copy(update={"domain": "integer"}) for variable in drawn.variables]
    tree = ast.parse(drawn.model_copy(update={"variables": whole}).to_program("ortools").encode())
    nodes = list(ast.walk(tree))
    assert {type(node) for node in nodes} <= ALLOWED_NODES
    assert {node.id for node in nodes if isinstance(node, ast.Name)} <= ALLOWED_IN_CP_SAT
    assert {node.attr for node in nodes if isinstance(node, ast.Attribute)} <= {*ALLOWED_IN_CP_SAT, "value"}
    assert [n.names[0].name for n in nodes if isinstance(n, ast.ImportFrom)] == ["cp_model"]


@LIBRARY
@SETTINGS
@given(TEXTS, elements())
def test_elements_keep_their_texts_in_the_program(library: str, texts: list[str], items: list[str]) -> None:
    tree = ast.parse(hostile_formulation(texts, items).to_program(library).encode())
    found = next(n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "I")
    assert ast.literal_eval(found) == items


@LIBRARY
def test_programs_with_hostile_texts_reach_the_optimum(library: str) -> None:
    formulations = [hostile_formulation(texts, items) for texts, items in sample(st.tuples(TEXTS, elements()), 12)]
    expected = [("optimal", formulation.solve().objective) for formulation in formulations]
    assert outcomes_of_programs(formulations, library) == expected


@SETTINGS
@given(st.one_of(HOSTILE, st.text()))
def test_literals_read_back(text: str) -> None:
    literal = text_literal(text)
    assert literal.isprintable()
    assert ast.literal_eval(literal) == text
    assert ast.literal_eval(element_literal((text, 3))) == (text, 3)


@SETTINGS
@given(st.one_of(HOSTILE, st.text()))
def test_comments_stay_on_their_line(text: str) -> None:
    comment = comment_text(text)
    assert comment.isprintable()
    assert ast.parse(f"# {comment}\n").body == []


COMMANDS_OF_OURS = {
    "begin", "end", "max", "quad", "sum", "substack", "in", "ne", "le", "ge", "text", "textbackslash", "textless",
    "textgreater", "textbar", "forall", "mathbb", "left", "right",
}  # fmt: skip


@SETTINGS
@given(TEXTS, elements())
def test_no_text_becomes_a_command_in_latex(texts: list[str], items: list[str]) -> None:
    latex = hostile_formulation(texts, items).to_latex()
    plain = latex.replace(r"\\" + "\n", "\n")
    assert set(re.findall(r"\\([A-Za-z]+)", plain)) <= COMMANDS_OF_OURS
    assert latex.count("\\begin{") == latex.count("\\end{") == 1
    assert is_balanced(plain)
    assert re.findall(r"(?<!\\)\$+", plain) == ["$$", "$$"]


@SETTINGS
@given(st.one_of(HOSTILE, st.text()))
def test_text_in_latex_has_every_special_character_escaped(text: str) -> None:
    rest = re.sub(r"\\text(backslash|less|greater|bar)\{\}|\\[~^]\{\}|\\[{}$&#%_]", "", escape_text(text))
    assert re.search(r"[\\{}$&#%_^~<>|\n]", rest) is None


def is_balanced(latex: str) -> bool:
    depth = 0
    for sign in re.findall(r"(?<!\\)(?:\\\\)*([{}])", latex):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize(("latex", "balanced"), [("{a}", True), ("{a", False), (r"\{a", True), ("}{", False)])
def test_balance_is_told(latex: str, balanced: bool) -> None:
    assert is_balanced(latex) is balanced
