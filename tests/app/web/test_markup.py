from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from app.web import markup
from tests.app.web.cases import HOSTILE

TEXTS = st.one_of(st.text(), st.sampled_from([HOSTILE, "</div><script>", '" onload="x', "&lt;b&gt;"]))


class Shown(HTMLParser):
    """The tags, the attributes and the text of some HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def read(source: str) -> Shown:
    parser = Shown()
    parser.feed(source)
    parser.close()
    return parser


@settings(max_examples=40)
@given(TEXTS)
def test_no_text_becomes_markup(text: str) -> None:
    pieces = {
        "lines": (markup.lines(text), markup.lines("x")),
        "strip": (
            markup.strip("good", text, [text, "y"], large=text),
            markup.strip("good", "x", ["x", "y"], large="x"),
        ),
        "points": (markup.points([(text, "bad", text)]), markup.points([("x", "bad", "x")])),
        "table": (markup.table([text], [[text]]), markup.table(["x"], [["x"]])),
        "small": (markup.small(text), markup.small("x")),
        "heading": (markup.heading(text), markup.heading("x")),
    }
    for source, harmless in pieces.values():
        if text:
            assert read(source).tags == read(harmless).tags
        assert read(source).attributes <= {"style", "role", "data-tone", "aria-level"}


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Cf"))))
def test_what_can_be_seen_is_shown(text: str) -> None:
    assert read(markup.small(text)).text == text


def test_what_turns_the_direction_of_writing_is_shown_as_unknown() -> None:
    assert read(markup.small("a\u202eb\x1b\ud800")).text == "a\ufffdb\ufffd\ufffd"


@given(st.text(alphabet="$\\{}\n% ab"))
def test_mathematics_stays_on_its_line(latex: str) -> None:
    assert re.search(r"[\n\r]", markup.mathematics(latex)) is None
