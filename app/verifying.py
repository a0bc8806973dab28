"""The command that verifies a kept answer or a formulation again."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from app import options
from app.after import is_formulation, require_tables

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer
    from nl2opt.pipeline.events import OnPipelineEvent, PipelineEvent
    from nl2opt.settings import Settings

VERIFY_EXAMPLE: Final = "Example: nl2opt verify plan.json --problem bakery.txt --verify thorough --llm openai:MODEL"
Given = Annotated[
    str,
    typer.Argument(
        metavar="ANSWER|ID|FORMULATION.json",
        help="What --save wrote, the id of a run that nl2opt solve kept, or a file with a formulation.",
    ),
]
ProblemFile = Annotated[
    Path | None,
    typer.Option(
        "--problem",
        metavar="FILE",
        help="The problem in words, for a formulation: without it only the solving can be checked.",
    ),
]


class PatientInterrupt:
    """Lets Ctrl-C end the verification without losing the answer that is there already.

    Before the verification begins Ctrl-C ends the command, as everywhere; a second one always does.

    Attributes:
        cancel: is set when Ctrl-C is pressed during the verification.
    """

    def __init__(self, view: OnPipelineEvent) -> None:
        """Pass every event on to a view."""
        self.cancel = threading.Event()
        self._view = view
        self._is_verifying = False
        self._before: Any = None

    def __enter__(self) -> PatientInterrupt:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self.cancel.is_set() and kind is None:
            from app.output import print_note

            print_note("Interrupted while verifying: this is the answer as far as it was checked.")

    def __call__(self, event: PipelineEvent) -> None:
        """Take in an event."""
        from nl2opt.pipeline.events import Step, StepStarted

        self._is_verifying = self._is_verifying or (isinstance(event, StepStarted) and event.step is Step.VERIFY)
        self._view(event)

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        if not self._is_verifying or self.cancel.is_set():
            raise KeyboardInterrupt
        self.cancel.set()


def verified(answer: Answer, settings: Settings, *, solver: str, time_limit: float | None, quiet: bool) -> Answer:
    """Return an answer verified from the beginning, as the settings say."""
    import nl2opt
    from app.progress import progress_on_stderr

    with progress_on_stderr(quiet=quiet) as view, PatientInterrupt(view) as patient:
        return nl2opt.verify(
            answer, solver=solver, time_limit=time_limit, settings=settings, on_event=patient, cancel=patient.cancel
        )  # fmt: skip


def verify(
    answer: Given,
    problem: ProblemFile = None,
    level: options.Verify = None,
    llm: options.Llm = None,
    llm_base_url: options.BaseUrl = None,
    llm2: options.Llm2 = None,
    timeout: options.Timeout = None,
    solver: options.Solver = "auto",
    time_limit: options.TimeLimit = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    save: options.Save = None,
) -> int:
    """Verify a kept answer or a formulation from the beginning, and say what word it earns."""
    import nl2opt
    from app.exit_codes import ExitCode, exit_code_of_status
    from app.inputs import formulation_from, problem_text, settings_from
    from app.output import print_answer, print_note
    from app.progress import progress_on_stderr
    from nl2opt.errors import ProblemError, StoreError

    if problem is not None and str(problem) != "-" and not problem.is_file():
        raise ProblemError(f"There is no file {problem} with a problem in words.")
    if answer != "-" and is_formulation(answer):
        require_tables(formulation_from(Path(answer)), answer)
    text = problem_text(str(problem)) if problem is not None else ""
    settings = settings_from(llm, llm_base_url, None, None, timeout, level, llm2)
    with progress_on_stderr(quiet=quiet) as view, PatientInterrupt(view) as patient:
        found = nl2opt.verify(
            answer, problem=text, solver=solver, time_limit=time_limit, settings=settings, on_event=patient,
            cancel=patient.cancel,
        )  # fmt: skip
    fault = ""
    if save is not None:
        try:
            found.save(save)
        except StoreError as error:
            fault = f"The answer was not saved. {error}"
    print_answer(found, as_json=as_json)
    if fault:
        print_note(fault)
        return ExitCode.USAGE
    return exit_code_of_status(found.status)
