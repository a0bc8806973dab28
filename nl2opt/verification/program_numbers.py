"""Number accounting for programs: is every number of the problem in the program?"""

from __future__ import annotations

import ast
import io
import math
import tokenize
from collections.abc import Iterator
from typing import Final

from nl2opt.verification.accounting import FormulationNumber, NumberAccount, account_values
from nl2opt.verification.evidence import NUMBERS, Evidence, EvidenceKind, Outcome

_SHOWN: Final = 6
_SMALL: Final = 12
"""Whole numbers up to here are places and lengths in programs more often than data."""


def numbers_of_program(program: str) -> list[FormulationNumber]:
    """Return the numbers that stand in a program, comments and texts left out, each with its line.

    A program that cannot be read to its end gives those that come before.
    """
    return list(_numbers(program))


def _numbers(program: str) -> Iterator[FormulationNumber]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(program).readline):
            if token.type == tokenize.NUMBER:
                value = ast.literal_eval(token.string)
                if isinstance(value, int | float):
                    yield FormulationNumber(value=float(value), element=f"line {token.start[0]}")
    except (tokenize.TokenError, SyntaxError, ValueError, OverflowError):
        return


def account_program_numbers(problem: str, program: str) -> NumberAccount:
    """Compare the numbers of a problem with those of a program.

    A program may hold numbers of its own: lengths, powers of ten that stand for "without limit", shares of a whole.
    """
    held = [number for number in numbers_of_program(program) if not _is_of_programs(number.value)]
    counted = [number.value for number in numbers_of_program(program)]
    return account_values(problem, held, counted)


def _is_of_programs(value: float) -> bool:
    is_small = value.is_integer() and abs(value) <= _SMALL
    return is_small or not math.isfinite(value) or f"{value:e}".startswith("1.000000e")


def program_number_evidence(problem: str, program: str) -> Evidence:
    """Check that every number of the problem is in the program, and that none is there that the text does not give."""
    account = account_program_numbers(problem, program)
    doubts = []
    if account.unused:
        doubts.append(f"Not used: {_listed([stated.text for stated in account.unused])}.")
    if account.invented:
        names = [f"{held.value:g} ({held.element})" for held in account.invented]
        doubts.append(f"Not in the text: {_listed(list(dict.fromkeys(names)))}.")
    if not account.used and not account.unused:
        doubts.insert(0, "The problem states no numbers that could be compared.")
    if doubts:
        return Evidence(
            name=NUMBERS, kind=EvidenceKind.MODELLING, outcome=Outcome.DOUBTFUL, text=" ".join(doubts)
        )  # fmt: skip
    count = len(account.used)
    text = (
        "The one number of the text is in the program."
        if count == 1
        else f"All {count} numbers of the text are in the program."
    )
    return Evidence(name=NUMBERS, kind=EvidenceKind.MODELLING, outcome=Outcome.PASSED, text=text)


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more
