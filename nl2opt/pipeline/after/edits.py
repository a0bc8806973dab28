"""How an answer came from another one: the changes, the words that asked for them, and the answer before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from nl2opt.formulation.changes import Change

EditKind = Literal["what_if", "revise", "apply"]
EDIT_WORDS: Final[Mapping[EditKind, str]] = {"what_if": "what if", "revise": "wish", "apply": "change"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One step from an answer to the next.

    Attributes:
        kind: `what_if` numbers were moved; `revise` a wish was said in words; `apply` changes were given.
        words: what was asked for: `hours = 440`, or the wish as it was written.
        changes: of the formulation.
        parent: id of the answer before.
        parent_status: its status, as text.
        parent_objective: its objective; `None` without a point.
    """

    kind: EditKind
    words: str
    changes: tuple[Change, ...]
    parent: str
    parent_status: str
    parent_objective: float | None

    @property
    def elements(self) -> frozenset[str]:
        """The elements that it touched, as in `constraints.labour`."""
        return frozenset(element for change in self.changes if (element := element_of(change)))

    def to_plain(self) -> dict[str, Any]:
        """Return the edit as JSON objects that `from_plain` reads."""
        return {
            "kind": self.kind,
            "words": self.words,
            "changes": [plain_change(change) for change in self.changes],
            "parent": self.parent,
            "parent_status": self.parent_status,
            "parent_objective": self.parent_objective,
        }

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Edit:
        """Read what `to_plain` wrote.

        Raises:
            ValueError: it is none.
        """
        if content["kind"] not in get_args(EditKind):
            raise ValueError(f"there is no kind of edit {content['kind']!r}")
        return cls(
            kind=content["kind"],
            words=str(content["words"]),
            changes=tuple(Change.model_validate(change) for change in content["changes"]),
            parent=str(content["parent"]),
            parent_status=str(content["parent_status"]),
            parent_objective=content["parent_objective"],
        )


def element_of(change: Change) -> str:
    """Return the element that a change touches, as in `constraints.labour`; the part alone for a whole list."""
    from nl2opt.formulation.editing.paths import split_path

    steps = [step.text for step in split_path(change.path)]
    added = change.value.get("name") if change.kind == "add" and isinstance(change.value, Mapping) else None
    if added is not None and len(steps) <= 2:
        return f"{steps[0]}.{added}"
    return ".".join(steps[:2])


def plain_change(change: Change) -> dict[str, Any]:
    """Return a change as JSON objects, without a value where its kind takes none."""
    content = change.model_dump(mode="json")
    return content if change.kind not in ("remove", "switch_off") else {"kind": change.kind, "path": change.path}
