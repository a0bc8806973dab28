"""Writes an answer to a file for another program; the ending of its name says in which format.

Texts that a spreadsheet would evaluate, those that begin with `=`, `+`, `-` or `@`, are written so that none does: as
text cells in a workbook, with a `'` in front in a CSV file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nl2opt.errors import StoreError
from nl2opt.formulation.exchange.model_files import FileFormat, model_file
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.store import write_whole
from nl2opt.pipeline.tables import long_frame
from nl2opt.pipeline.workbook import workbook

_EVALUATED: Final = ("=", "+", "-", "@", "\t", "\r")


def export_answer(answer: Answer, path: str | Path) -> Path:
    """Write an answer to a file; see `Answer.export`."""
    target = Path(path)
    content = writer_for(target)(answer)
    write_whole(target, content)
    return target


def writer_for(path: Path) -> Callable[[Answer], str | bytes]:
    """Return what makes the content of a file, by the ending of its name.

    Raises:
        StoreError: there is no such format; the text lists those there are.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise StoreError(f"{path} does not end in one of {', '.join(_WRITERS)}, by which the format is told.")
    return writer


def _model(file_format: FileFormat) -> Callable[[Answer], str]:
    def text(answer: Answer) -> str:
        if answer.formulation is None:
            raise StoreError("There is no formulation, so there is no model to export.")
        return model_file(answer.formulation, file_format).text

    return text


def _json(answer: Answer) -> str:
    return json.dumps(answer.to_dict(), indent=2, ensure_ascii=True) + "\n"


def _csv(answer: Answer) -> str:
    require_point(answer)
    frame = long_frame(answer)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = [frame[name].tolist() for name in frame.columns]
    writer.writerows(zip(*([_unevaluated(item) for item in column] for column in columns), strict=True))
    return text.getvalue().encode("utf-8", "replace").decode("utf-8")


def _workbook(answer: Answer) -> bytes:
    require_point(answer)
    return workbook(answer)


def require_point(answer: Answer) -> None:
    """Refuse an answer without values.

    Raises:
        StoreError: it has none.
    """
    if answer.values is None:
        raise StoreError(f"There are no values to export. {answer.message}")


def _unevaluated(item: Any) -> Any:
    return f"'{item}" if isinstance(item, str) and item.startswith(_EVALUATED) else item


_WRITERS: Final[dict[str, Callable[[Answer], str | bytes]]] = {
    ".lp": _model("lp"),
    ".mps": _model("mps"),
    ".json": _json,
    ".csv": _csv,
    ".xlsx": _workbook,
}
FORMATS: Final = tuple(_WRITERS)
