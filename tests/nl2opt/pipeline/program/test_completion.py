from __future__ import annotations

import pytest

from nl2opt.chat.base import NO_USAGE, Completion, Finish
from nl2opt.pipeline.completion import CompletionError
from nl2opt.pipeline.program.completion import not_a_problem_in, program_in

PROGRAM = "import pyomo.environ as pyo\nx = 1\n"


def read(text: str, finish: Finish = Finish.STOP) -> str:
    return program_in(Completion(text=text, finish=finish, usage=NO_USAGE, model="m"))


@pytest.mark.parametrize(
    "text",
    [
        PROGRAM,
        f"```python\n{PROGRAM}```",
        f"```\n{PROGRAM}```",
        f"~~~py\n{PROGRAM}~~~",
        f"Sure!\n\n```Python\n{PROGRAM}```\nThis builds the model.",
        f"```python\n{PROGRAM}",
        f"Here is the program:\n{PROGRAM}",
        f"```bash\npip install pyomo\n```\n```python\n{PROGRAM}```",
        f"```python\n{PROGRAM}```\nIt prints:\n```text\nobjective: 3\n```",
        f"```python\nfrom a import b\n```\nThat is wrong, rather:\n```python\n{PROGRAM}```",
        f"```python\n{PROGRAM}```\nThe constraint again:\n```python\nx <= 3\n```",
        "   ```python\n   import pyomo.environ as pyo\n   x = 1\n   ```",
        f"```python\n!pip install pyomo\n{PROGRAM}```",
        f"````python\n{PROGRAM}````",
        f"```python\n{PROGRAM}\n```python\n",
    ],
)
def test_the_program_is_found(text: str) -> None:
    assert read(text) == PROGRAM


@pytest.mark.parametrize(
    "text", ["", "I cannot do that.", "```json\n{}\n```", "```python\n```", "Please import flour."]
)
def test_where_there_is_none_it_is_said_what_to_write(text: str) -> None:
    with pytest.raises(CompletionError, match="Answer with one ```python block"):
        read(text)


@pytest.mark.parametrize("text", [f"```python\n{PROGRAM}", PROGRAM, "I"])
def test_a_program_that_was_cut_off_is_none(text: str) -> None:
    with pytest.raises(CompletionError, match="cut off"):
        read(text, Finish.LENGTH)


def test_what_is_cut_off_behind_the_program_costs_nothing() -> None:
    assert read(f"```python\n{PROGRAM}```\nThis prog", Finish.LENGTH) == PROGRAM


def test_a_text_without_a_decision_is_told_apart() -> None:
    assert not_a_problem_in("NOT A PROBLEM: it asks for a story") == "it asks for a story"
    assert not_a_problem_in("**Not a problem**") == "it asks for no decision"
    assert not_a_problem_in(f"```python\n{PROGRAM}```\nThis is not a problem: it works.") == ""
