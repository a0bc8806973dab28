"""A wish in words becomes changes of the formulation: a language model proposes them, the checker decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from nl2opt.chat.base import ChatModel, WritingStyle
from nl2opt.errors import ChatError, FormulationError, NoRevisionError
from nl2opt.formulation.analysis.conflict import Conflict
from nl2opt.formulation.analysis.repairs import Repair
from nl2opt.formulation.changes import Change
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.editing.difference import Difference
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.after.change_writer import ChangeWriter, Proposal, WishWriter
from nl2opt.pipeline.after.comparison import Comparison, bulleted, comparison
from nl2opt.pipeline.after.edits import element_of, plain_change
from nl2opt.pipeline.after.explanation_words import wish_lines
from nl2opt.pipeline.after.known import known_of
from nl2opt.pipeline.after.points import compiled_of, require_formulation
from nl2opt.pipeline.after.rerun import changed_answer
from nl2opt.pipeline.after.run_options import RunOptions
from nl2opt.pipeline.after.step_writer import StepWriter
from nl2opt.pipeline.after.wishes import has_tables
from nl2opt.pipeline.asking import RecordedAsk
from nl2opt.pipeline.events import Step, StepStarted
from nl2opt.pipeline.formulate import require_problem
from nl2opt.pipeline.trace import Attempt, Trace
from nl2opt.tables.masking import Masking, masked_points

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

_WRITERS: Final[Mapping[WritingStyle, WishWriter]] = {"scalar": StepWriter(), "indexed": ChangeWriter()}
_CONFLICT_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Revision:
    """An answer changed by a wish.

    Attributes:
        wish: as it was written.
        before: the answer to begin with.
        answer: the new one; its status says what happened.
        changes: of the formulation.
        difference: what is different, as changes and in words.
        comparison: of the two answers.
        conflict: where nothing is feasible any more: the demands that exclude each other; `None` otherwise.
        wishes: which wishes are behind these demands, one sentence each.
        repairs: what would do then.
    """

    wish: str
    before: Answer
    answer: Answer
    changes: tuple[Change, ...]
    difference: Difference
    comparison: Comparison
    conflict: Conflict | None = None
    wishes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield the wish, what was changed for it, and what came of it."""
        yield f"Wish: {' '.join(self.wish.split())}"
        yield from bulleted(str(self.difference).splitlines())
        yield from self.comparison.lines()
        if self.conflict is not None:
            yield from self.conflict.lines()
            yield from self.wishes
            yield from (f"What would do: {repair}" for repair in self.repairs[:3])
        elif self.answer.objective is None or not self.answer.is_solved:
            yield self.answer.message

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON objects; the answer whole, as `Answer.to_dict`."""
        return {
            "wish": self.wish,
            "before": self.before.id,
            "changes": [plain_change(change) for change in self.changes],
            "difference": str(self.difference).splitlines(),
            "comparison": self.comparison.to_dict(),
            "conflict": self.conflict.to_dict() if self.conflict is not None else None,
            "wishes": list(self.wishes),
            "repairs": [repair.to_dict() for repair in self.repairs],
            "answer": self.answer.to_dict(),
        }


def revise(before: Answer, wish: str, chat_model: ChatModel, options: RunOptions) -> Revision:
    """Turn a wish into changes and solve again; see `Answer.revise`."""
    text = require_problem(wish)
    formulation = require_formulation(before, "revise")
    changes, trace = _Wishing(before, text, chat_model, options).run()
    answer = changed_answer(before, changes, options, kind="revise", words=text, trace=trace)
    revision = Revision(
        wish=text, before=before, answer=answer, changes=changes,
        difference=formulation.diff(answer.formulation or formulation), comparison=comparison(before, answer),
    )  # fmt: skip
    if answer.status.value != "infeasible":
        return revision
    known = known_of(answer, _CONFLICT_SECONDS, options.cancel)
    return replace(revision, conflict=known.conflict, wishes=tuple(wish_lines(known)), repairs=known.repairs)


class _Wishing:
    """One search for the changes that a wish asks for."""

    def __init__(self, before: Answer, wish: str, chat_model: ChatModel, options: RunOptions) -> None:
        self.before = before
        self.wish = wish
        self.chat_model = chat_model
        self.options = options
        self.compiled = compiled_of(before, "revise")
        # The scalar style names every decision, and so the cells of tables; the indexed one does without.
        style = options.formulate.style or chat_model.style
        self.style: WritingStyle = "indexed" if has_tables(self.compiled.formulation) else style
        self.ask = RecordedAsk(
            chat_model, timeout_seconds=options.formulate.timeout_seconds, on_event=options.on_event,
            cancel=options.cancel,
        )  # fmt: skip
        self.attempts: list[Attempt] = []

    def run(self) -> tuple[tuple[Change, ...], Trace]:
        """Ask until a proposal can be used.

        Raises:
            NoRevisionError: none can.
            ChatError: the chat model could not be asked for a first proposal.
        """
        writer = _WRITERS[self.style]
        proposal = Proposal()
        faults: tuple[str, ...] = ()
        for number in range(1, self.options.formulate.rounds + 2):
            self._tell(number, faults)
            self.ask.begin()
            try:
                if number == 1:
                    proposal = writer.write(self.ask, self.before.problem, self.compiled, self.wish)
                else:
                    told = self._told(proposal, faults)
                    proposal = writer.correct(self.ask, proposal, told, self.compiled, number)
            except ChatError as error:
                if number == 1:
                    raise
                message = f"The language model could not be asked again: {error} Last: {' '.join(faults)}"
                raise NoRevisionError(message, self.trace()) from error
            if proposal.cannot:
                self.attempts.append(self._attempt(number, (), None, "cannot"))
                message = f"The language model sees no way to meet the wish: {proposal.cannot.rstrip('.')}."
                raise NoRevisionError(message, self.trace())
            changes = with_wish(proposal.changes, self.wish)
            faults = proposal.faults
            revised: Formulation | None = None
            if not faults:
                revised, faults = self._tried(changes)
            self.attempts.append(self._attempt(number, faults, revised, "not usable" if faults else "usable"))
            if not faults:
                return changes, self.trace()
        tries = len(self.attempts)
        message = (
            f"The language model wrote no changes that can be used in {tries} attempt{'s' * (tries != 1)}. "
            f"Last: {' '.join(faults)}"
        )
        raise NoRevisionError(message, self.trace())

    def trace(self) -> Trace:
        """Return every attempt so far."""
        return Trace(
            problem=self.before.problem, llm=self.chat_model.name, style=self.style, attempts=tuple(self.attempts)
        )  # fmt: skip

    def _tried(self, changes: Sequence[Change]) -> tuple[Formulation | None, tuple[str, ...]]:
        """Make the changes and compile what comes out; return what is wrong with it."""
        before = self.compiled.formulation
        try:
            revised = before.apply(changes)
        except FormulationError as error:
            return None, tuple(map(str, error.findings))
        compilation = compile_formulation(revised)
        if compilation.compiled is None:
            return revised, tuple(str(finding) for finding in compilation.findings if finding.is_error)
        if not before.diff(revised):
            return revised, ("The changes change nothing.",)
        return revised, ()

    def _told(self, proposal: Proposal, faults: Sequence[str]) -> tuple[str, ...]:
        """Return faults for their author, without cells of attached tables that it was not shown."""
        if not self.compiled.formulation.has_cells:
            return tuple(faults)
        known = "\n".join(message.content for message in proposal.conversation)
        return masked_points(Masking.of_formulation(self.compiled.formulation, known), faults)

    def _attempt(self, number: int, faults: Sequence[str], revised: Formulation | None, outcome: str) -> Attempt:
        return Attempt(
            round=number, exchanges=tuple(self.ask.exchanges), formulation=revised, feedback=tuple(faults),
            outcome=outcome, chosen=outcome == "usable",
        )  # fmt: skip

    def _tell(self, number: int, faults: Sequence[str]) -> None:
        if self.options.on_event is not None:
            reason = faults[0] if faults else ""
            self.options.on_event(StepStarted(step=Step.REVISE, round=number, reason=reason))


def with_wish(changes: Sequence[Change], wish: str) -> tuple[Change, ...]:
    """Return the changes with the wish as the source of each constraint that they bring or rewrite."""
    found: list[Change] = []
    for change in changes:
        element = element_of(change)
        if not element.startswith("constraints."):
            found.append(change)
        elif change.kind in ("add", "replace") and isinstance(change.value, Mapping):
            found.append(change.model_copy(update={"value": {**change.value, "source": wish}}))
        elif change.kind == "set" and change.path.strip().endswith(".expression"):
            source = Change(kind="set", path=f"{change.path.strip().removesuffix('.expression')}.source", value=wish)
            found += [change, source]
        else:
            found.append(change)
    return tuple(found)
