"""An answer as a workbook for spreadsheets."""

from __future__ import annotations

import io
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from nl2opt.errors import StoreError
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.tables import VALUE, row_frame, value_frames

if TYPE_CHECKING:
    import pandas as pd

MAX_SHEET_ROWS: Final = 1_048_575
"""Lines of a sheet below its heading."""
_MAX_TITLE: Final = 31
_NOT_IN_TITLE: Final = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_NOT_IN_CELL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def workbook(answer: Answer) -> bytes:
    """Return the content of an .xlsx file: `answer`, `variables`, a sheet for each indexed variable, and `rows`.

    Nothing in it is a formula: every text is a text cell.

    Raises:
        StoreError: openpyxl is not installed, or a table is longer than a sheet.
    """
    if find_spec("openpyxl") is None:
        raise StoreError("Workbooks are written by openpyxl. Install it with: pip install openpyxl")
    import pandas as pd

    sheets = _sheets(answer)
    for title, frame in sheets.items():
        if len(frame) > MAX_SHEET_ROWS:
            raise StoreError(
                f"{title.strip()} has {len(frame):,} lines, more than a sheet holds. Export to .csv instead."
            )
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine="openpyxl") as writer:
        used: set[str] = set()
        for title, frame in sheets.items():
            frame.to_excel(writer, sheet_name=_sheet_title(title, used), index=False)
        for sheet in writer.book.worksheets:
            _make_texts_of_formulas(sheet)
    return content.getvalue()


def _sheets(answer: Answer) -> dict[str, pd.DataFrame]:
    import pandas as pd

    frames = value_frames(answer)
    single = {name: frame for name, frame in frames.items() if list(frame.columns) == [VALUE]}
    scalars = pd.DataFrame(
        {"variable": list(single), VALUE: [frame[VALUE].iloc[0] for frame in single.values()]}, dtype=object
    )
    sheets = {"answer": _summary(answer)}
    if single:
        sheets["variables"] = scalars
    sheets |= {f"{name} ": frame for name, frame in frames.items() if name not in single}
    sheets["rows"] = row_frame(answer)
    return {title: _cleaned(frame) for title, frame in sheets.items()}


def _summary(answer: Answer) -> pd.DataFrame:
    import pandas as pd

    lines: list[tuple[str, Any]] = [
        ("title", answer.formulation.title if answer.formulation is not None else ""),
        ("status", answer.status.value),
        ("objective", answer.objective),
        *((f"objective {name}", value) for name, value in answer.objectives.items()),
        ("bound", answer.bound),
        ("verdict", answer.verdict),
        ("solver", answer.solver),
        ("seconds", answer.seconds),
        ("created", answer.created),
        *(("warning", warning) for warning in answer.warnings),
        *(("assumption", assumption.text) for assumption in answer.assumptions),
        *((f"if {reading.text}", reading.objective) for reading in answer.alternatives if reading.moves),
    ]
    return pd.DataFrame({"what": [what for what, _ in lines], VALUE: [value for _, value in lines]}, dtype=object)


def _cleaned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts hold no character that a workbook cannot hold."""
    import pandas as pd

    columns = {
        _text(str(name)): [_text(item) if isinstance(item, str) else item for item in frame[name].tolist()]
        for name in frame.columns
    }
    return pd.DataFrame(columns, dtype=object)


def _text(text: str) -> str:
    return _NOT_IN_CELL.sub("\ufffd", text)


def _sheet_title(name: str, used: set[str]) -> str:
    """Return a title that no other sheet has, in any letter case."""
    plain = _NOT_IN_TITLE.sub("_", name).strip()[:_MAX_TITLE] or "sheet"
    chosen, number = plain, 2
    while chosen.lower() in used:
        ending = f" {number}"
        chosen = plain[: _MAX_TITLE - len(ending)] + ending
        number += 1
    used.add(chosen.lower())
    return chosen


def _make_texts_of_formulas(sheet: Any) -> None:
    """Make each cell that openpyxl took for a formula or an error value the text that it is."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type in ("f", "e"):
                cell.data_type = "s"
