from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import StoreError
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.store import runs_folder, write_whole
from tests.nl2opt.pipeline.cases import INFEASIBLE_ROWS, RIGHT, VARIABLES, answered, indexed


@pytest.fixture(scope="module")
def answer() -> Answer:
    return answered([VARIABLES, INFEASIBLE_ROWS, RIGHT.replace("2 * chairs", "2chairs"), RIGHT])


@pytest.fixture
def umask() -> Iterator[int]:
    before = os.umask(0o027)
    yield 0o640
    os.umask(before)


def plain(answer: Answer) -> dict[str, Any]:
    """Return every field, values as their entries, to compare."""
    kept = [field.name for field in fields(answer) if not field.name.startswith("_") and field.name != "solved"]
    content = {name: getattr(answer, name) for name in kept}
    values = answer.values
    entries = {name: values.entries(name) for name in values} if values is not None else None
    return {**content, "values": entries}


def test_every_field_is_read_back_as_it_was(answer: Answer, tmp_path: Path) -> None:
    assert answer.warnings
    assert answer.trace.attempts[0].feedback
    again = Answer.load(answer.save(tmp_path / "a.json"))
    assert plain(again) == plain(answer)
    assert again.to_dict() == answer.to_dict()
    assert str(again) == str(answer)


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param(["no"], id="unreachable"),
        pytest.param([], id="never asked"),
        pytest.param(['{"not_a_problem": "a story"}'], id="no problem"),
        pytest.param([VARIABLES, INFEASIBLE_ROWS], id="infeasible"),
    ],
)
def test_answers_without_values_are_read_back(replies: list[str], tmp_path: Path) -> None:
    answer = answered(replies, rounds=0)
    assert plain(Answer.load(answer.save(tmp_path / "a.json"))) == plain(answer)


def test_analyses_are_read_back_and_shown_again(tmp_path: Path) -> None:
    answer = answered([indexed()], style="indexed").analysed(sensitivity=True, pool=2)
    again = Answer.load(answer.save(tmp_path / "a.json"))
    assert [analysis.key for analysis in again.analyses] == ["sensitivity", "pool"]
    assert json.dumps(again.to_dict()) == json.dumps(answer.to_dict())
    assert str(again) == str(answer)
    assert "Sensitivity" in str(again)


def test_an_indexed_answer_is_read_back(tmp_path: Path) -> None:
    answer = answered([indexed()], style="indexed")
    again = Answer.load(answer.save(tmp_path / "a.json"))
    assert plain(again) == plain(answer)
    assert again.values is not None
    assert again.values["make"]["table"] == 40


def test_an_answer_is_found_by_its_id(answer: Answer) -> None:
    path = answer.save()
    assert path == runs_folder() / f"{answer.id}.answer.json"
    assert Answer.load(answer.id).id == answer.id
    assert Answer.load(path).id == answer.id


def test_a_file_of_that_name_comes_before_a_run(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer.save()
    replace(answer, id="other").save(answer.id)
    assert Answer.load(answer.id).id == "other"


@given(st.text(max_size=20))
@settings(max_examples=50, deadline=None)
def test_any_text_is_kept(answer: Answer, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("a") / "a.json"
    replace(answer, message=text, warnings=(text, text), solver=text).save(path)
    again = Answer.load(path)
    # Two halves that stand side by side are one character in JSON.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    assert (again.message, again.warnings, again.solver) == (whole, (whole, whole), whole)
    path.read_text(encoding="utf-8")


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_file_is_an_error_or_an_answer(
    answer: Answer, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "a.json"
    content = json.loads(answer.save(path).read_text())
    *before, last = data.draw(st.sampled_from(sorted(places(content), key=str)))
    holder = content
    for step in before:
        holder = holder[step]
    if data.draw(st.booleans()):
        del holder[last]
    else:
        holder[last] = data.draw(st.sampled_from([None, 3, -1.5, "x", [], [1], {}, {"a": 1}, [[]], True]))
    path.write_text(json.dumps(content))
    try:
        assert isinstance(Answer.load(path), Answer)
    except StoreError as error:
        assert str(path) in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a stored answer"),
        (b"{", "not a stored answer"),
        (b"[" * 100_000, "not a stored answer"),
        (b"9" * 5000, "not a stored answer"),
        (b"[]", "not a stored answer"),
        (b'{"id": "x"}', "not a stored answer"),
        (b'{"store_version": 2}', "has the format 2; this version of nl2opt reads 1"),
        (b'{"store_version": 1}', "is damaged"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_is_no_answer_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=message):
        Answer.load(path)


@pytest.mark.parametrize("name", ["nothing", "x" * 5000, "a\0b", "nothing/at/all"])
def test_what_is_not_there_is_said_to_be_missing(name: str) -> None:
    with pytest.raises(StoreError, match=r"no answer at|cannot be read"):
        Answer.load(name)


def test_a_folder_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        Answer.load(tmp_path)


def full(*arguments: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_that_cannot_be_put_in_place_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreError, match="No space left on device"):
        write_whole(target, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert target.read_text() == "old"


def test_a_full_device_is_an_error() -> None:
    with pytest.raises(StoreError, match="No space left on device"):
        write_whole(Path("/dev/full"), "new")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, "text")
        assert os.read(reader, 10) == b"text"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    write_whole(Path(os.devnull), "text")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_new_file_follows_the_umask(tmp_path: Path, umask: int) -> None:
    target = tmp_path / "new" / "folder" / "a.txt"
    write_whole(target, "text")
    assert stat.S_IMODE(target.stat().st_mode) == umask


def test_a_file_that_is_there_keeps_its_permissions(tmp_path: Path, umask: int) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(0o600)
    write_whole(target, "new")
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_followed(tmp_path: Path, is_there: bool) -> None:
    target, link = tmp_path / "a.txt", tmp_path / "link"
    if is_there:
        target.write_text("old")
    link.symlink_to(target.name)
    write_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("name", ["a" * 255, "ä.txt", " "])
def test_any_name_that_a_file_can_have_will_do(tmp_path: Path, name: str) -> None:
    write_whole(tmp_path / name, "täxt\n")
    assert (tmp_path / name).read_bytes() == "täxt\n".encode()


@pytest.mark.parametrize(
    ("name", "text"), [("a" * 256, "x"), ("a\0b", "x"), ("file/b", "x"), (".", "x"), ("a.txt", "\ud800")]
)
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(tmp_path / name, text)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_every_status_is_read_back(answer: Answer, tmp_path: Path) -> None:
    for status in Status:
        assert Answer.load(replace(answer, status=status).save(tmp_path / status)).status is status
