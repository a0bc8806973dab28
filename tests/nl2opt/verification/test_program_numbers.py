from __future__ import annotations

import pytest

from nl2opt.verification.evidence import NUMBERS, Outcome
from nl2opt.verification.program_numbers import account_program_numbers, numbers_of_program, program_number_evidence

PROBLEM = (
    "A chair earns $30, a table $80. There are 400 hours; a chair takes 2 hours, a table 5. At most 40% are tables."
)
PROGRAM = "model.o = 30 * c + 80 * t\nmodel.r = 2 * c + 5 * t <= 400\nmodel.s = t <= 0.4 * (c + t)  # not 77\n"


def test_the_numbers_of_a_program_are_those_of_its_code() -> None:
    program = 'x = 1_000 + 2.5e3  # 77\ny = "88"\nz = 0x10 + 3j\n'
    assert [(held.value, held.element) for held in numbers_of_program(program)] == [
        (1000.0, "line 1"), (2500.0, "line 1"), (16.0, "line 3"),
    ]  # fmt: skip


@pytest.mark.parametrize("program", ["x = (3", "x = 3\n  y = 4", "x = 3\n'''", "x = 3 \0", "x = 3\n" + "(" * 1000])
def test_a_program_that_cannot_be_read_to_its_end_gives_what_comes_before(program: str) -> None:
    assert 3.0 in [held.value for held in numbers_of_program(program)]


def test_all_numbers_used_and_none_invented_pass() -> None:
    evidence = program_number_evidence(PROBLEM, PROGRAM)
    assert (evidence.name, evidence.outcome) == (NUMBERS, Outcome.PASSED)
    assert evidence.text == "All 6 numbers of the text are in the program."


def test_what_is_missing_or_comes_from_nowhere_is_told_with_its_line() -> None:
    evidence = program_number_evidence(PROBLEM, PROGRAM.replace("400", "445"))
    assert evidence.outcome is Outcome.DOUBTFUL
    assert evidence.text == "Not used: 400. Not in the text: 445 (line 2)."


@pytest.mark.parametrize("line", ["M = 1e6\n", "x = range(12)\n", "big = 100_000\n", "eps = 0.001\n", "u = 1e999\n"])
def test_programs_hold_numbers_of_their_own(line: str) -> None:
    assert account_program_numbers(PROBLEM, PROGRAM + line).invented == ()


def test_a_problem_without_numbers_has_nothing_to_compare() -> None:
    assert program_number_evidence("Choose well.", PROGRAM).outcome is Outcome.DOUBTFUL
