"""The errors of the assistant, one tree.

Nl2optError
├── ProblemError            the text that a person gave cannot be worked on (empty, far too long)
├── FormulationError        a formulation with findings that leave it without a single meaning
├── DataError               an attached file or table that cannot be read; the findings say why
├── MissingData             the problem does not give a number that it needs; `missing` says which
├── ChangeError             what is asked of an answer cannot be done: an unknown name, a percentage of zero
├── NoRevisionError         the language model wrote no usable changes for a wish; carries the trace
├── NoFormulationError      the language model wrote no usable formulation; carries the trace
├── SettingsError           an option, environment variable or settings file that makes no sense
├── StoreError              an answer or trace that cannot be read or written
└── ChatError               the language model could not be asked; `retryable` says whether waiting helps
    ├── ChatUnreachableError      refused connection, unknown host, the engine does not start
    ├── ChatAuthenticationError   the key is missing or wrong
    ├── ChatRateLimitError        too many requests; `retry_after_seconds` when the server said so
    ├── ChatTimeoutError          no answer in time
    ├── ChatRequestError          the server refused the request (unknown model, prompt too long)
    ├── ChatInterruptedError      the stream broke off, or the caller cancelled
    └── ModelFileError            the file of an embedded model is missing, damaged or cannot be fetched

Infeasible, unbounded, a time limit and a formulation that had to be corrected are values, not errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nl2opt.formulation.findings import Finding
    from nl2opt.formulation.schema import Formulation
    from nl2opt.pipeline.trace import Trace
    from nl2opt.tables.missing import MissingValue


class Nl2optError(Exception):
    """Base of every error that nl2opt raises on purpose; its text is one or more sentences for a person."""


class ProblemError(Nl2optError):
    """The text that a person gave cannot be worked on."""


class SettingsError(Nl2optError):
    """An option, an environment variable or the settings file makes no sense."""


class StoreError(Nl2optError):
    """An answer or a trace cannot be read or written."""


class FormulationError(Nl2optError):
    """A formulation has findings that leave it without a single meaning.

    Attributes:
        findings: every finding, errors and warnings, in the order of the formulation.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))

    def __reduce__(self) -> tuple[type[FormulationError], tuple[tuple[Finding, ...]]]:
        return type(self), (self.findings,)


class DataError(Nl2optError):
    """Attached files or tables cannot be read.

    Attributes:
        findings: every fault.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(_sentence(finding) for finding in self.findings))

    def __reduce__(self) -> tuple[type[DataError], tuple[tuple[Finding, ...]]]:
        return type(self), (self.findings,)


class MissingData(Nl2optError):  # noqa: N818 - what is missing is a question to the person, not a fault
    """The problem needs numbers that neither its text nor an attached table gives.

    Attributes:
        missing: each of them: name, index, unit, and why it is needed.
        formulation: as far as it goes; fill it in by `formulation.given(name=value)`, or solve with `values=`.
    """

    def __init__(self, missing: Sequence[MissingValue], formulation: Formulation) -> None:
        self.missing = tuple(missing)
        self.formulation = formulation
        names = "\n".join(f"- {item}" for item in self.missing)
        super().__init__(f"The problem does not give these numbers:\n{names}")

    def __reduce__(self) -> tuple[type[MissingData], tuple[tuple[MissingValue, ...], Formulation]]:
        return type(self), (self.missing, self.formulation)


def _sentence(finding: Finding) -> str:
    """Say a finding about a file without its path in the tree: the message names the file."""
    name, text = finding.element.partition(".")[2], finding.message
    if not name or not text.startswith(name):
        text = text[:1].upper() + text[1:]
    shown = f" (in `{finding.text}`)" if finding.text else ""
    return f"{text}{shown}." + (f" {finding.mend}" if finding.mend else "")


class ChangeError(Nl2optError):
    """What is asked of an answer cannot be done; nothing was changed.

    Attributes:
        findings: everything that is wrong, each with what to do.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        texts = [str(finding) for finding in self.findings]
        # A name at the beginning, as in `hours: ...`, stays as it is written.
        shown = [text if ":" in text.split(" ", 1)[0] else f"{text[:1].upper()}{text[1:]}" for text in texts]
        super().__init__("\n".join(shown))

    def __reduce__(self) -> tuple[type[ChangeError], tuple[tuple[Finding, ...]]]:
        return type(self), (self.findings,)


class NoRevisionError(Nl2optError):
    """The language model wrote no changes for a wish that can be used; nothing was changed.

    Attributes:
        trace: every attempt with its prompt and completion.
    """

    def __init__(self, message: str, trace: Trace) -> None:
        self.trace = trace
        super().__init__(message)

    def __reduce__(self) -> tuple[type[NoRevisionError], tuple[str, Trace]]:
        return type(self), (str(self), self.trace)


class NoFormulationError(Nl2optError):
    """The language model wrote no usable formulation.

    Attributes:
        trace: every attempt with its prompt, completion and findings.
    """

    def __init__(self, message: str, trace: Trace) -> None:
        self.trace = trace
        super().__init__(message)

    def __reduce__(self) -> tuple[type[NoFormulationError], tuple[str, Trace]]:
        return type(self), (str(self), self.trace)


class ChatError(Nl2optError):
    """The language model could not be asked, or its answer did not arrive.

    Attributes:
        retryable: whether the same request may succeed later.
        hint: what a person can do about it; `None` when there is nothing to add.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(message if hint is None else f"{message} {hint}")


class ChatUnreachableError(ChatError):
    """Nothing answers at the endpoint, or the embedded engine does not start."""

    retryable = True


class ChatAuthenticationError(ChatError):
    """The endpoint wants a key, or refuses the one that it got."""


class ChatRateLimitError(ChatError):
    """The endpoint asks to wait.

    Attributes:
        retry_after_seconds: how long the server asked to wait; `None` when it did not say.
    """

    retryable = True

    def __init__(self, message: str, *, hint: str | None = None, retry_after_seconds: float | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message, hint=hint)


class ChatTimeoutError(ChatError):
    """No answer came in time."""

    retryable = True


class ChatRequestError(ChatError):
    """The endpoint refused the request: unknown model, prompt too long, wrong parameters."""


class ChatInterruptedError(ChatError):
    """The stream broke off before the answer was complete, or the caller cancelled."""

    retryable = True


class ModelFileError(ChatError):
    """The file of an embedded language model is missing, damaged or cannot be fetched."""
