"""What is wrong with a text that is not an expression, said so that its writer can mend it."""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Final

TEXT_LITERAL: Final = re.compile(
    r"""('(?:[^'\\\n]|\\[\s\S]|\\\Z)*(?:'|(?=\n)|\Z)|"(?:[^"\\\n]|\\[\s\S]|\\\Z)*(?:"|(?=\n)|\Z))"""
)
"""A text in quotes; one that is not closed ends with its line, so that no text takes long to search."""
_CLOSED_LITERAL: Final = re.compile(r"""'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*\"""")
MAX_QUOTED_CHARACTERS: Final = 300
MAX_BRACKETS: Final = 100
"""How deep brackets may nest, whether they are needed or not."""
UNKNOWN_SYNTAX: Final[dict[type[ast.expr], str]] = {
    ast.Lambda: "`lambda`",
    ast.JoinedStr: "a text with `f` in front",
    ast.Await: "`await`",
    ast.Yield: "`yield`",
    ast.YieldFrom: "`yield`",
    ast.Dict: "a table of listed entries",
    ast.Starred: "`*` in front of a name",
    ast.UnaryOp: "`~`",
    ast.Slice: "a slice",
}
"""Python's syntax that the language does not have, in words."""
_NEVER_NAMES: Final = frozenset(keyword.kwlist) - {"and", "or", "not", "in", "if", "else", "for", "is", "True", "False"}


class ExpressionError(Exception):
    """A text that is not an expression of the language, or one that has no value.

    Attributes:
        code: what kind of mistake it is, for findings.
        message: what is wrong, one sentence.
        text: the offending piece.
        where: values of the loop variables at which it goes wrong; empty if none.
        mend: what to do, one sentence; may be empty.
    """

    def __init__(self, code: str, message: str, *, text: str = "", where: str = "", mend: str = "") -> None:
        self.code = code
        self.message = message
        self.text = text
        self.where = where
        self.mend = mend
        super().__init__(message)


def outside_texts(text: str, change: Callable[[str], str]) -> str:
    """Change a text everywhere but inside its text literals."""
    pieces = TEXT_LITERAL.split(text)
    pieces[::2] = map(change, pieces[::2])
    return "".join(pieces)


def refuse_loose_ends(text: str) -> None:
    """Refuse what would be read as something else inside the parentheses that are put around the text.

    Raises:
        ExpressionError: there is a remark, a text without its closing quote, or a bracket is closed that
            was not opened.
    """
    if not all(map(_CLOSED_LITERAL.fullmatch, TEXT_LITERAL.findall(text))):
        message = "a text in quotes is not closed"
        raise ExpressionError("unbalanced", message, text=_compact(text), mend="Close it with the same quote.")
    bare = TEXT_LITERAL.sub("''", text)
    if "#" in bare:
        raise ExpressionError(
            "comment",
            "`#` has no meaning in an expression",
            text=_compact(text),
            mend="Write remarks into `description`.",
        )
    depth = 0
    for bracket in re.findall(r"[()\[\]{}]", bare):
        depth += 1 if bracket in "([{" else -1
        if depth > MAX_BRACKETS:
            message = f"the brackets nest more than {MAX_BRACKETS} deep"
            raise ExpressionError("too_deep", message, text=_compact(text), mend="Leave those out that are not needed.")
        if depth < 0:
            raise _unbalanced(text)


def syntax_error(text: str) -> ExpressionError:
    """Say what is wrong with a text that Python's syntax refuses."""
    compact = _compact(text)
    text = TEXT_LITERAL.sub("''", text)
    if match := re.search(r"=([<>])", text):
        return ExpressionError(
            "single_equals",
            f"`={match.group(1)}` has no meaning in an expression",
            text=compact,
            mend=f"Write `{match.group(1)}=`.",
        )
    for wrong, right in (("===", "=="), ("<>", "!=")):
        if wrong in text:
            message = f"`{wrong}` has no meaning in an expression"
            return ExpressionError("unknown_operator", message, text=compact, mend=f"Write `{right}`.")
    if re.search(r"(?<![<>=!:])=(?!=)", text):
        return ExpressionError(
            "single_equals",
            "`=` has no meaning in an expression",
            text=compact,
            mend="Write `==` for equality.",
        )
    if match := re.search(r"(?<!\d)\d+(?:\.\d+)?\s*%", text):
        share = match.group().rstrip("% ")
        return ExpressionError(
            "percent_sign",
            f"`{match.group()}` is not a number",
            text=compact,
            mend=f"Write {(Decimal(share) / 100).normalize():f} instead.",
        )
    if match := re.search(r"(?<![\w.])\d+(?:\.\d+)?\s*[A-Za-z_]\w*", text):
        number, name = re.match(r"([\d.]+)\s*(\w+)", match.group()).groups()  # type: ignore[union-attr]
        if name not in {"if", "else", "for", "in", "and", "or", "not"}:
            return ExpressionError(
                "missing_operator",
                f"`{match.group()}` has no operator",
                text=compact,
                mend=f"Write `{number} * {name}`.",
            )
    if re.search(r"[$€£]", text):
        return ExpressionError(
            "currency_sign",
            "a currency sign is not part of a number",
            text=compact,
            mend="Leave the sign out.",
        )
    if found := _word_or_letter(text, compact):
        return found
    if text.count("(") != text.count(")") or text.count("[") != text.count("]"):
        return _unbalanced(compact)
    return ExpressionError(
        "syntax",
        "this is not an expression",
        text=compact,
        mend="Use Python's syntax with names, numbers and + - * /.",
    )


def _word_or_letter(text: str, compact: str) -> ExpressionError | None:
    """Say which word or hidden character is wrong; `None` when none is."""
    for character in text:
        if unicodedata.category(character) in ("Cf", "Cc", "Co", "Cn") and not character.isspace():
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            message = f"there is a hidden character, {name}"
            return ExpressionError("hidden_character", message, text=ascii(compact)[1:-1], mend="Delete it.")
    for word in re.findall(r"[A-Za-z_]\w*", text):
        if word in _NEVER_NAMES:
            message = f"`{word}` is a word of Python's own and cannot be a name"
            return ExpressionError("reserved_word", message, text=compact, mend="Choose another name.")
    if re.search(r"\bif\b", text) and not re.search(r"\b(?:else|for|in)\b", text):
        mend = "Write `a if c else b`, or a filter behind a clause: `... for i in I if c`."
        return ExpressionError("if_without_else", "there is an `if` without `else`", text=compact, mend=mend)
    return None


def _unbalanced(text: str) -> ExpressionError:
    return ExpressionError("unbalanced", "the parentheses or brackets do not match", text=_compact(text))


def _compact(text: str) -> str:
    """Return a text on one line, cut when it is long."""
    compact = " ".join(text.split())
    return compact if len(compact) <= MAX_QUOTED_CHARACTERS else compact[: MAX_QUOTED_CHARACTERS - 3] + "..."
