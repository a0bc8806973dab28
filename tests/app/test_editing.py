from __future__ import annotations

import json
from pathlib import Path

import pytest

from nl2opt import Formulation
from nl2opt.formulation.schema import Change
from tests.app.cases import WORKSHOP, one_variable, written
from tests.app.conftest import Command


def test_describe_prints_the_words(command: Command, tmp_path: Path) -> None:
    ended = command("describe", WORKSHOP)
    assert (ended.code, ended.err) == (0, "")
    assert "Maximise the sum over every item i of profit[i] times make[i]" in ended.out
    assert command("describe", WORKSHOP, "-o", tmp_path / "words.txt").out == ""
    assert (tmp_path / "words.txt").read_text() == ended.out


def test_change_prints_the_new_formulation_that_runs(command: Command, tmp_path: Path) -> None:
    ended = command(
        "change", WORKSHOP, "--set", "parameters.hours.value=440", "--set", "variables.make.domain=continuous",
        "--add", "sets.ITEM.elements=sofa", "--add", "parameters.profit.value.sofa=1",
        "--add", "parameters.need.value.sofa=1", "--switch-off", "labour",
        "--add", 'constraints={"name": "all", "expression": "sum(make[i] for i in ITEM) <= hours"}',
    )  # fmt: skip
    assert (ended.code, ended.err) == (0, "")
    after = Formulation.from_json(ended.out)
    assert after.parameters[2].value == 440
    assert after.variables[0].domain == "continuous"
    assert after.sets[0].elements == ["chair", "table", "sofa"]
    assert [c.name for c in after.enabled_constraints] == ["share_of_tables", "all"]
    assert command("run", "-", "--json", stdin=ended.out.encode()).content["status"] == "solved"


def test_change_says_how_to_undo_it(command: Command) -> None:
    content = command("change", WORKSHOP, "--remove", "constraints.labour", "--json").content
    after = Formulation.from_dict(content["formulation"])
    undone = after.apply([Change.model_validate(change) for change in content["undo"]])
    assert undone == Formulation.from_json(WORKSHOP.read_bytes())
    assert content["changes"] == [{"kind": "remove", "path": "constraints.labour"}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "parameters.huors.value=4"), "there is no parameter `huors` (in `parameters.huors.value`). "
         "Did you mean `hours`?"),
        (("--set", "variables.make.domain=whole"), "variables.make.domain: `whole` is not one of"),
        (("--switch-off", "labor"), "there is no constraint `labor`"),
        (("--set", "parameters.hours.value"), "has no `=`"),
        ((), "There is nothing to change"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_made_is_wrong_use(command: Command, arguments: tuple[str, ...], message: str) -> None:
    ended = command("change", WORKSHOP, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert command("change", WORKSHOP, *arguments, "--json").content["exit_code"] == 2


def test_an_equals_sign_in_a_quoted_key_belongs_to_the_path(command: Command, tmp_path: Path) -> None:
    content = one_variable("x <= 1")
    content["sets"] = [{"name": "S", "elements": ["a=b", "-"]}]
    content["parameters"] = [{"name": "p", "index": ["S"], "value": {"a=b": 1, "-": 2}}]
    file = written(tmp_path / "one.json", content)
    ended = command("change", file, "--set", 'parameters.p.value."a=b"=7')
    assert Formulation.from_json(ended.out).parameters[0].value == {"a=b": 7, "-": 2}


def test_diff_says_what_is_different(command: Command, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    assert command("change", WORKSHOP, "--set", "parameters.hours.value=440", "-o", other).code == 0
    ended = command("diff", WORKSHOP, other)
    assert (ended.code, ended.out) == (0, "labour: hours 400 -> 440 h\n")
    assert command("diff", WORKSHOP, other, "--json").content == {
        "equal": False, "changes": [{"kind": "set", "path": "parameters.hours.value", "value": 440}],
    }  # fmt: skip
    assert command("diff", WORKSHOP, WORKSHOP).out == "no difference\n"
    assert command("diff", WORKSHOP, tmp_path / "none.json").code == 2
    assert json.loads(other.read_text())["title"]
