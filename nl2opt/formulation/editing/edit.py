"""Edits formulations: one `Change` at a time, at a path, always with the change that undoes it.

A formulation is never altered. The parts along a path are copied, all others are shared, and what comes out is
validated by the schema as a whole, so that a sequence of changes is applied entirely or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel

from nl2opt.errors import FormulationError
from nl2opt.formulation.editing.kept_cells import with_cells_marked
from nl2opt.formulation.editing.paths import Step, join_path, split_path
from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.language.mistakes import ExpressionError
from nl2opt.formulation.schema import Change, Constraint, Formulation

Model = type[BaseModel] | None
"""The class of the schema that a part of a formulation belongs to; `None` for plain data such as tables."""
_KNOWN: Final = 1000
"""How many keys are looked at for one that is near."""
_KINDS_OF_LISTS: Final = {
    "sets": "set", "parameters": "parameter", "variables": "variable", "constraints": "constraint",
    "assumptions": "assumption", "elements": "element", "alternatives": "alternative",
}  # fmt: skip


def apply(formulation: Formulation, changes: Change | Iterable[Change]) -> Formulation:
    """Return a formulation with changes made, in order; the one that was given stays as it is.

    Raises:
        FormulationError: a path does not exist, or the schema refuses what comes out; then nothing is changed.
    """
    editor = _Editor(formulation)
    findings: list[Finding] = []
    for change in (changes,) if isinstance(changes, Change) else changes:
        try:
            editor.make(change)
        except FormulationError as error:
            findings += error.findings
    if findings:
        raise FormulationError(list(dict.fromkeys(findings)))
    return with_cells_marked(formulation, Formulation.from_dict(editor.content))


def inverse(formulation: Formulation, changes: Change | Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that undo changes, in the order in which they are to be made.

    Args:
        formulation: as it is before the changes.
        changes: what would be done to it.

    Raises:
        FormulationError: a path does not exist.
    """
    editor = _Editor(formulation)
    undone = [editor.make(change) for change in ((changes,) if isinstance(changes, Change) else changes)]
    return tuple(reversed(undone))


def plain(value: Any) -> Any:
    """Return a part of a formulation as `json.loads` would give it; what is left out stays left out."""
    if isinstance(value, BaseModel):
        return {key: plain(item) for key, item in fields_of(value).items()}
    if isinstance(value, list) and value and isinstance(value[0], BaseModel):
        return [plain(item) for item in value]
    return value


def fields_of(part: BaseModel) -> dict[str, Any]:
    """Return the fields of a part that were given, by the names that they have in JSON."""
    fields = type(part).model_fields
    given = part.model_fields_set
    return {field.alias or name: getattr(part, name) for name, field in fields.items() if name in given}


def model_within(annotation: Any) -> Model:
    """Return the class of the schema that a field holds, one or a list of them; `None` for other fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for argument in get_args(annotation) if (model := model_within(argument))), None)


def unique_names(elements: Sequence[Any]) -> list[str] | None:
    """Return the names of the elements of a list; `None` when one has none, or two have the same."""
    names = [_name_of(element) for element in elements]
    known = [name for name in names if name is not None]
    return known if len(set(known)) == len(names) else None


class _Editor:
    """Makes changes one after the other in the content of a formulation, as plain objects."""

    def __init__(self, formulation: Formulation) -> None:
        self.content: Any = fields_of(formulation)

    def make(self, change: Change) -> Change:
        """Make a change, and return the one that undoes it.

        Raises:
            FormulationError: it cannot be made; nothing was changed.
        """
        edit = _Edit(change)
        try:
            steps = split_path(change.path)
            if change.kind == "switch_off":
                edit.require_constraint(self.content, steps)
                steps = (*steps, Step("enabled"))
            new = edit.made(self.content, steps, Formulation, [])
        except ExpressionError as error:
            finding = Finding(code=error.code, message=error.message, text=error.text, mend=error.mend)
            raise FormulationError([finding]) from None
        self.content = new
        return edit.undoing(new)


class _Edit:
    """One change on its way through the content."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.undo: Callable[[str], Change] | None = None
        self.keys: list[Any] = []
        self.steps: tuple[Step, ...] = ()

    def path(self, keys: Sequence[Any], *more: Any) -> str:
        """Return the path of keys as it was written, and of more keys below it."""
        return join_path([*(step.text for step in self.steps[: len(keys)]), *map(_key_text, more)])

    def place(self, keys: Sequence[Any], *more: Any) -> str:
        return f"`{self.path(keys, *more)}`" if keys or more else "the formulation"

    def undoing(self, content: Any) -> Change:
        assert self.undo is not None
        return self.undo(_address(content, self.keys))

    # -- the way down ---------------------------------------------------------------------------------

    def made(self, part: Any, steps: Sequence[Step], model: Model, keys: list[Any]) -> Any:
        """Return a part with the change made in it."""
        view = fields_of(part) if isinstance(part, BaseModel) else part
        if not keys:
            self.steps = tuple(steps)
        step, rest = steps[0], steps[1:]
        if not rest:
            return self.last(view, step, model, keys)
        key = self.key(view, step, model, keys)
        within = _child_model(view, key, model)
        child = view[key] if isinstance(view, list) or key in view else self.left_out(key, model, keys)
        return _with(view, key, self.made(child, rest, within, [*keys, key]))

    def left_out(self, key: str, model: Model, keys: list[Any]) -> list[Any]:
        """Return what a field that is left out holds; only lists have something that a path can go on in."""
        field = _fields(model)[key]
        if field.default_factory is list:
            return []
        raise self.fail(f"{self.place(keys, key)} is not given", f"Set `{self.path(keys, key)}` first.")

    def key(self, view: Any, step: Step, model: Model, keys: list[Any]) -> Any:
        """Return the key or the number of what a step names."""
        match view:
            case list():
                return self.position(view, step, keys)
            case Mapping() if model is not None:
                return self.field(view, step, model, keys)
            case Mapping():
                for key in view:
                    if step.text == key or (not isinstance(key, str) and step.text == _key_text(key)):
                        return key
                known = [_key_text(key) for key in list(view)[:_KNOWN]]
                mend = did_you_mean(step.text, known)
                if self.change.kind == "set":
                    mend = f"{mend} To put in a new key, use the kind `add`.".strip()
                raise self.fail(f"there is no key `{step.text}` in {self.place(keys)}", mend)
            case None:
                mend = f"Set `{self.path(keys)}` to an object first." if keys else ""
                raise self.fail(f"{self.place(keys)} is null, so there is no `{step.text}` in it", mend)
            case _:
                kind = "a text" if isinstance(view, str) else f"`{_short(view)}`"
                raise self.fail(
                    f"{self.place(keys)} is {kind}, so there is no `{step.text}` in it", f"It holds `{_short(view)}`."
                )

    def field(self, view: Mapping[str, Any], step: Step, model: type[BaseModel], keys: list[Any]) -> str:
        known = _fields(model)
        if step.text in known:
            return step.text
        mend = did_you_mean(step.text, known)
        if not keys:
            paths = [f"{part}.{step.text}" for part, elements in view.items() if step.text in _names(elements)]
            mend = f"Did you mean `{paths[0]}`?" if paths else mend or f"The parts are: {', '.join(known)}."
        elif "Did" not in mend:
            mend = f"The fields are: {', '.join(known)}."
        raise self.fail(f"there is no field `{step.text}` in {self.place(keys)}", mend)

    def position(self, view: list[Any], step: Step, keys: list[Any]) -> int:
        number = step.number
        if number is not None:
            if number < len(view):
                return number
            count = f"it has {len(view)} entries, numbered from 0" if view else "it is empty"
            raise self.fail(f"there is no entry {number} in {self.place(keys)}; {count}")
        places = [place for place, element in enumerate(view) if _called(element, step.text)]
        if len(places) == 1:
            return places[0]
        kind = _KINDS_OF_LISTS.get(str(keys[-1]) if keys else "", "entry")
        if places:
            numbers = ", ".join(f"`{self.path(keys, place)}`" for place in places)
            raise self.fail(
                f"there are {len(places)} of the name `{step.text}` in {self.place(keys)}", f"Number them: {numbers}."
            )
        mend = did_you_mean(step.text, _names(view)[:_KNOWN]) or (f"{self.place(keys)} is empty." if not view else "")
        raise self.fail(f"there is no {kind} `{step.text}`", mend)

    def require_constraint(self, content: Any, steps: Sequence[Step]) -> None:
        """Refuse to switch off what is not a constraint."""
        self.steps = tuple(steps)
        part, model = content, Formulation  # type: Any, Model
        keys: list[Any] = []
        for step in steps:
            view = fields_of(part) if isinstance(part, BaseModel) else part
            key = self.key(view, step, model, keys)
            model = _child_model(view, key, model)
            part = view[key] if isinstance(view, list) else view.get(key)
            keys = [*keys, key]
        if model is not Constraint or isinstance(part, list):
            raise self.fail(
                f"{self.place(keys)} cannot be switched off", "Only a constraint can, as in `constraints.labour`."
            )
        if self.change.value is not None:
            raise self.fail("to switch a constraint off takes no value", "Leave `value` out.")

    # -- the last step --------------------------------------------------------------------------------

    def last(self, view: Any, step: Step, model: Model, keys: list[Any]) -> Any:
        match self.change.kind:
            case "add":
                return self.added(view, step, model, keys)
            case "remove":
                return self.removed(view, step, model, keys)
            case "switch_off":
                return self.put(view, "enabled", False, keys)
            case _:
                key = self.key(view, step, model, keys)
                if self.change.kind == "replace":
                    self.require_element(view, key, model, keys)
                return self.put(view, key, self.change.value, keys)

    def require_element(self, view: Any, key: Any, model: Model, keys: list[Any]) -> None:
        """Refuse to replace what is not a whole element."""
        whole = _child_model(view, key, model) is not None and (isinstance(view, list) or key == "objective")
        if not whole:
            place = self.place(keys, key)
            raise self.fail(
                f"{place} is not a whole element that can be replaced", "Use the kind `set` for a part of one."
            )

    def put(self, view: Any, key: Any, value: Any, keys: list[Any]) -> Any:
        """Set what a key or number holds."""
        self.keys = [*keys, key]
        if isinstance(view, list) or key in view:
            old, kind = plain(view[key]), "replace" if self.change.kind == "replace" else "set"
            self.undo = lambda path: Change.model_validate({"kind": kind, "path": path, "value": old})
        else:
            self.undo = lambda path: Change(kind="remove", path=path)
        return _with(view, key, value)

    def added(self, view: Any, step: Step, model: Model, keys: list[Any]) -> Any:
        if isinstance(view, list):
            return self.inserted(view, step, keys)
        if isinstance(view, Mapping) and model is None:
            if any(step.text == _key_text(key) for key in view):
                raise self.fail(
                    f"there is a key `{step.text}` in {self.place(keys)} already", "Use the kind `set` to change it."
                )
            self.keys = [*keys, step.text]
            self.undo = lambda path: Change(kind="remove", path=path)
            return {**view, step.text: self.change.value}
        key = self.key(view, step, model, keys)
        held = view.get(key, [] if _fields(model)[key].default_factory is list else None)
        if not isinstance(held, list):
            raise self.fail(f"{self.place(keys, key)} is not a list to add to", "Use the kind `set` to change it.")
        name = _name_of(self.change.value)
        if name is not None and name in map(_name_of, held):
            mend = f"Use the kind `replace` on `{self.path(keys, key, name)}`, or another name."
            raise self.fail(f"there is a {_KINDS_OF_LISTS.get(key, 'entry')} `{name}` already", mend)
        return _with(view, key, self.inserted(held, Step(str(len(held))), [*keys, key]))

    def inserted(self, view: list[Any], step: Step, keys: list[Any]) -> list[Any]:
        """Put an entry into a list at a number."""
        place = step.number
        if place is None:
            mend = f"Add to `{self.path(keys)}`, or name a number: `{self.path(keys, len(view))}`."
            raise self.fail(f"`{step.text}` is no place in a list", mend)
        if place > len(view):
            raise self.fail(f"{self.place(keys)} has {len(view)} entries, so none can be put at {place}")
        self.keys = [*keys, place]
        self.undo = lambda path: Change(kind="remove", path=path)
        return [*view[:place], self.change.value, *view[place:]]

    def removed(self, view: Any, step: Step, model: Model, keys: list[Any]) -> Any:
        key = self.key(view, step, model, keys)
        if isinstance(view, list):
            self.keys, old = keys, plain(view[key])
            self.undo = lambda path: Change(kind="add", path=f"{path}.{key}", value=old)
            return [*view[:key], *view[key + 1 :]]
        if model is not None and key not in view:
            raise self.fail(f"{self.place(keys, key)} is not given, so it cannot be removed")
        old = plain(view[key])
        if key == "objective" and not keys:
            self.keys = [key]
            self.undo = lambda path: Change(kind="set", path=path, value=old)
            return {**view, key: None}  # any feasible point will do
        if model is not None and _fields(model)[key].is_required():
            raise self.fail(
                f"{self.place(keys, key)} must be there, so it cannot be removed", "Set it to something else."
            )
        rest = {name: value for name, value in view.items() if name != key}
        if model is None and not isinstance(key, str):  # a path could put it back as a text only
            self.keys = keys
            self.undo = lambda path: Change(kind="set", path=path, value=dict(view))
            return rest
        self.keys = [*keys, key]
        kind = "set" if model is not None else "add"
        self.undo = lambda path: Change.model_validate({"kind": kind, "path": path, "value": old})
        return rest

    def fail(self, message: str, mend: str = "") -> ExpressionError:
        return ExpressionError("path", message, text=self.change.path, mend=mend)


def _fields(model: Model) -> dict[str, Any]:
    assert model is not None
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _child_model(view: Any, key: Any, model: Model) -> Model:
    if model is None or isinstance(view, list):
        return model
    return model_within(_fields(model)[key].annotation)


def _with(view: Any, key: Any, value: Any) -> Any:
    if isinstance(view, list):
        return [*view[:key], value, *view[key + 1 :]]
    return {**view, key: value}


def _name_of(element: Any) -> str | None:
    name = element.get("name") if isinstance(element, Mapping) else getattr(element, "name", None)
    return name if isinstance(name, str) and name else None


def _called(element: Any, text: str) -> bool:
    """Whether an entry of a list has a name, or is a text or number that is written so."""
    if isinstance(element, BaseModel | Mapping):
        return _name_of(element) == text
    return text == (element if isinstance(element, str) else _key_text(element))


def _names(elements: Any) -> list[str]:
    if not isinstance(elements, list):
        return []
    return [
        _name_of(element) or "" if isinstance(element, BaseModel | Mapping) else _key_text(element)
        for element in elements
    ]


def _key_text(key: Any) -> str:
    return ",".join(map(str, key)) if isinstance(key, tuple | list) else str(key)


def _address(content: Any, keys: Sequence[Any]) -> str:
    """Return the path of keys, by names where these are unique."""
    steps: list[Any] = []
    part = content
    for key in keys:
        view = fields_of(part) if isinstance(part, BaseModel) else part
        if isinstance(view, list) and key < len(view):
            names = unique_names(view)
            steps.append(names[key] if names else key)
            part = view[key]
        else:
            steps.append(_key_text(key))
            part = view.get(key) if isinstance(view, Mapping) else None
    return join_path(steps)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
