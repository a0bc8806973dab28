"""The run store: one JSON file for each run, written as a whole."""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from nl2opt.chat.base import Completion, Finish, Message, Usage
from nl2opt.errors import FormulationError, SettingsError, StoreError
from nl2opt.formulation.findings import Finding, Severity
from nl2opt.formulation.schema import Assumption, Formulation
from nl2opt.pipeline.after.edits import Edit, plain_change
from nl2opt.pipeline.analyses import analysis_from_store, analysis_to_store
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.options import require_route
from nl2opt.pipeline.program.record import ProgramRecord
from nl2opt.pipeline.readings.commands import change_options
from nl2opt.pipeline.readings.reading import Reading
from nl2opt.pipeline.trace import Attempt, Exchange, Trace
from nl2opt.pipeline.values import Values
from nl2opt.tables.cells import stored_cells, with_stored_cells
from nl2opt.tables.missing import MissingValue
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome

STORE_VERSION: Final = 1
SUFFIX: Final = ".answer.json"


def runs_folder() -> Path:
    """Return the folder of the run store: `NL2OPT_RUNS_DIR`, or the user's data folder."""
    from nl2opt.settings import load_settings

    return load_settings().runs_dir


def answer_to_plain(answer: Answer) -> dict[str, Any]:
    """Return the answer as JSON objects for other programs; see `Answer.to_dict`."""
    formulation = answer.formulation
    return {analysis.key: analysis.content for analysis in answer.analyses} | {
        "id": answer.id,
        "status": answer.status.value,
        "message": answer.message,
        "missing": [asdict(item) for item in answer.missing],
        "data_notes": list(answer.data_notes),
        "objective": answer.objective,
        "objectives": dict(answer.objectives),
        "bound": answer.bound,
        "gap": answer.gap,
        "values": answer.values.to_plain() if answer.values is not None else None,
        "formulation": json.loads(formulation.to_json()) if formulation is not None else None,
        "program": answer.program,
        "route": answer.route,
        "program_run": answer.program_run.to_plain() if answer.program_run is not None else None,
        "evidence": [asdict(item) for item in answer.evidence],
        "verdict": answer.verdict,
        "assumptions": [_without_empty(item.model_dump()) for item in answer.assumptions],
        "alternatives": [_reading_to_plain(reading) for reading in answer.alternatives],
        "warnings": list(answer.warnings),
        "attempts": [_attempt_to_plain(attempt) for attempt in answer.trace.attempts],
        "llm": answer.trace.llm,
        "style": answer.trace.style,
        "solver": answer.solver,
        "solver_reason": answer.solver_reason,
        "usage": asdict(answer.usage),
        "seconds": answer.seconds,
        "created": answer.created,
        "parent": answer.parent,
        "changes": [plain_change(change) for change in answer.changes],
        "edits": [edit.to_plain() for edit in answer.edits],
    }


def _without_empty(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value not in ("", [], None)}


def _reading_to_plain(reading: Reading) -> dict[str, Any]:
    """Return a reading with the edits as options of `nl2opt change`."""
    return {**reading.to_plain(), "options": change_options(reading.changes)}


def _attempt_to_plain(attempt: Attempt) -> dict[str, Any]:
    return {
        "round": attempt.round,
        "outcome": attempt.outcome,
        "objective": attempt.objective,
        "repairs": list(attempt.repairs),
        "findings": [str(finding) for finding in attempt.findings],
        "feedback": list(attempt.feedback),
        "combined": attempt.combined,
        "chosen": attempt.chosen,
        "program": attempt.program,
    }


def save_answer(answer: Answer, path: str | Path | None = None) -> Path:
    """Write an answer to a file of its own; see `Answer.save`."""
    target = Path(path) if path is not None else runs_folder() / f"{answer.id}{SUFFIX}"
    text = json.dumps(_to_store(answer), ensure_ascii=False, indent=1)
    # What UTF-8 cannot hold is half a surrogate pair in a text; its escape is JSON's too.
    write_whole(target, text.encode("utf-8", "backslashreplace").decode("utf-8"))
    return target


def write_whole(target: Path, text: str | bytes) -> None:
    """Write a file, texts in UTF-8, as a whole or not at all.

    A file that is there keeps its permissions; a link is followed; what is no file, such as `/dev/stdout`, is
    written to directly.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        content = text.encode("utf-8") if isinstance(text, str) else text
        if target.exists() and not target.is_file():
            target.write_bytes(content)
        else:
            _replace(Path(os.path.realpath(target)), content)
    except OSError as error:
        raise StoreError(f"{target} cannot be written ({error.strerror or error}).") from error
    except ValueError as error:  # a null character in the path, half a character in the text
        raise StoreError(f"{str(target)!r} cannot be written ({error}).") from error


def _replace(target: Path, content: bytes) -> None:
    """Put a file in the place of another in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".nl2opt-{secrets.token_hex(8)}.part"
    try:
        with temporary.open("xb") as file:
            if target.exists():
                os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
            file.write(content)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_answer(path: str | Path) -> Answer:
    """Read an answer; see `Answer.load`."""
    source = Path(path)
    try:
        if not source.exists():
            stored = runs_folder() / f"{path}{SUFFIX}"
            if not stored.exists():
                raise StoreError(f"There is no answer at {source}, and no run `{path}` in {stored.parent}.")
            source = stored
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{source} cannot be read ({error}).") from error
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{source} is not a stored answer: {error}.") from error
    if not isinstance(content, dict) or "store_version" not in content:
        raise StoreError(f"{source} is not a stored answer.")
    if content["store_version"] != STORE_VERSION:
        raise StoreError(
            f"{source} has the format {content['store_version']}; this version of nl2opt reads {STORE_VERSION}."
        )
    try:
        return _from_store(content)
    except (LookupError, TypeError, ValueError, AttributeError, FormulationError, SettingsError) as error:
        raise StoreError(f"{source} is damaged ({type(error).__name__}: {error}).") from error


def _to_store(answer: Answer) -> dict[str, Any]:
    return {
        "store_version": STORE_VERSION,
        "id": answer.id,
        "created": answer.created,
        "status": answer.status.value,
        "message": answer.message,
        "problem": answer.problem,
        "formulation": _formulation_to_store(answer.formulation),
        "cells": stored_cells(answer.formulation),
        "missing": [asdict(item) for item in answer.missing],
        "data_notes": list(answer.data_notes),
        "objective": answer.objective,
        "objectives": dict(answer.objectives),
        "values": answer.values.to_store() if answer.values is not None else None,
        "bound": answer.bound,
        "gap": answer.gap,
        "evidence": [asdict(item) for item in answer.evidence],
        "verdict": answer.verdict,
        "assumptions": [item.model_dump() for item in answer.assumptions],
        "alternatives": [reading.to_plain() for reading in answer.alternatives],
        "warnings": list(answer.warnings),
        "solver": answer.solver,
        "solver_reason": answer.solver_reason,
        "route": answer.route,
        "program_run": answer.program_run.to_plain() if answer.program_run is not None else None,
        "seconds": answer.seconds,
        "analyses": [analysis_to_store(analysis) for analysis in answer.analyses],
        "edits": [edit.to_plain() for edit in answer.edits],
        "trace": {
            "problem": answer.trace.problem,
            "llm": answer.trace.llm,
            "style": answer.trace.style,
            "attempts": [_attempt_to_store(attempt) for attempt in answer.trace.attempts],
            "checks": [_attempt_to_store(attempt) for attempt in answer.trace.checks],
        },
    }


def _formulation_to_store(formulation: Formulation | None) -> Any:
    return json.loads(formulation.to_json()) if formulation is not None else None


def _attempt_to_store(attempt: Attempt) -> dict[str, Any]:
    return {
        "round": attempt.round,
        "exchanges": [
            {
                "messages": [asdict(message) for message in exchange.messages],
                "completion": asdict(exchange.completion),
            }
            for exchange in attempt.exchanges
        ],
        "formulation": _formulation_to_store(attempt.formulation),
        "repairs": list(attempt.repairs),
        "findings": [asdict(finding) for finding in attempt.findings],
        "feedback": list(attempt.feedback),
        "outcome": attempt.outcome,
        "objective": attempt.objective,
        "combined": attempt.combined,
        "chosen": attempt.chosen,
        "program": attempt.program,
    }


def _from_store(content: Mapping[str, Any]) -> Answer:
    trace = content["trace"]
    return Answer(
        id=content["id"],
        created=content["created"],
        status=Status(content["status"]),
        message=content["message"],
        problem=content["problem"],
        formulation=with_stored_cells(_formulation_from_store(content["formulation"]), content.get("cells")),
        missing=tuple(_missing_from_store(item) for item in content.get("missing", ())),
        data_notes=tuple(content.get("data_notes", ())),
        objective=content["objective"],
        objectives=dict(content.get("objectives", {})),
        values=Values.from_store(content["values"]) if content["values"] is not None else None,
        bound=content["bound"],
        gap=content.get("gap"),
        evidence=tuple(
            Evidence(
                name=item["name"],
                kind=EvidenceKind(item["kind"]),
                outcome=Outcome(item["outcome"]),
                text=item["text"],
                seconds=item.get("seconds", 0.0),
                calls=item.get("calls", 0),
            )
            for item in content["evidence"]
        ),
        verdict=content["verdict"],
        assumptions=tuple(Assumption.model_validate(item) for item in content["assumptions"]),
        alternatives=tuple(Reading.from_plain(item) for item in content.get("alternatives", ())),
        warnings=tuple(content["warnings"]),
        solver=content["solver"],
        solver_reason=content.get("solver_reason", ""),
        route=require_route(content.get("route", "formulation")),
        program_run=_program_from_store(content.get("program_run")),
        seconds=content["seconds"],
        analyses=tuple(analysis_from_store(analysis) for analysis in content.get("analyses", ())),
        edits=tuple(Edit.from_plain(edit) for edit in content.get("edits", ())),
        trace=Trace(
            problem=trace["problem"],
            llm=trace["llm"],
            style=trace["style"],
            attempts=tuple(_attempt_from_store(attempt) for attempt in trace["attempts"]),
            checks=tuple(_attempt_from_store(attempt) for attempt in trace.get("checks", ())),
        ),
    )


def _formulation_from_store(content: Any) -> Formulation | None:
    return Formulation.from_dict(content) if content is not None else None


def _missing_from_store(content: Mapping[str, Any]) -> MissingValue:
    return MissingValue(**{**content, "index": tuple(content["index"]), "keys": tuple(content["keys"])})


def _attempt_from_store(content: Mapping[str, Any]) -> Attempt:
    return Attempt(
        round=content["round"],
        exchanges=tuple(_exchange_from_store(exchange) for exchange in content["exchanges"]),
        formulation=_formulation_from_store(content["formulation"]),
        repairs=tuple(content["repairs"]),
        findings=tuple(Finding(**{**item, "severity": Severity(item["severity"])}) for item in content["findings"]),
        feedback=tuple(content["feedback"]),
        outcome=content["outcome"],
        objective=content["objective"],
        combined=content["combined"],
        chosen=content["chosen"],
        program=content.get("program", ""),
    )


def _program_from_store(content: Any) -> ProgramRecord | None:
    return ProgramRecord.from_plain(content) if content is not None else None


def _exchange_from_store(content: Mapping[str, Any]) -> Exchange:
    completion = content["completion"]
    return Exchange(
        messages=tuple(Message(message["role"], message["content"]) for message in content["messages"]),
        completion=Completion(
            text=completion["text"],
            finish=Finish(completion["finish"]),
            usage=Usage(**completion["usage"]),
            model=completion["model"],
            cached=completion["cached"],
        ),
    )
