from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.deeplink import deep_link
from rag.types import Article, Citation

PAGE = "https://news.example/back-pain"


def _citation(text: str, start: int, end: int, url: str | None = PAGE) -> Citation:
    article = Article(id="back-pain", version="0" * 16, title="Back pain", text=text, url=url)
    return Citation(1, article, "Overview", start, end, text[start:end])


def _quoting(text: str, quote: str, url: str | None = PAGE) -> Citation:
    start = text.index(quote)
    return _citation(text, start, start + len(quote), url)


def _parts(link: str | None) -> dict[str, str]:
    """The directive taken apart as the grammar says, written independently of the code."""
    assert link is not None
    pieces = link.split(":~:text=")[1].split(",")
    found: dict[str, str] = {}
    if pieces[0].endswith("-"):
        found["prefix"] = unquote(pieces.pop(0)[:-1])
    if pieces[-1].startswith("-"):
        found["suffix"] = unquote(pieces.pop()[1:])
    found["start"] = unquote(pieces[0])
    if len(pieces) == 2:
        found["end"] = unquote(pieces[1])
    assert len(pieces) <= 2
    return found


def _highlighted(text: str, parts: dict[str, str]) -> tuple[int, int] | None:
    """What a browser would mark: the first match, white space collapsed and case ignored."""
    flat = text.lower()

    def at(words: str, position: int) -> re.Match[str] | None:
        pattern = r"\s+".join(re.escape(word) for word in words.lower().split())
        return re.compile(pattern).match(flat, position)

    def follows(position: int) -> bool:
        gap = re.compile(r"\s*").match(flat, position)
        return "suffix" not in parts or (
            gap is not None and at(parts["suffix"], gap.end()) is not None
        )

    for begin in range(len(flat)):
        start = at(parts["start"], begin)
        if start is None:
            continue
        before = " ".join(flat[:begin].split())
        if "prefix" in parts and not before.endswith(" ".join(parts["prefix"].lower().split())):
            continue
        if "end" not in parts:
            if follows(start.end()):
                return begin, start.end()
            continue
        for middle in range(start.end(), len(flat)):
            end = at(parts["end"], middle)
            if end is not None and follows(end.end()):
                return begin, end.end()
    return None


def test_a_short_quote_is_linked_as_a_whole() -> None:
    link = deep_link(_quoting("Rest helps. Walking helps more.", "Walking helps more."), None)
    assert f"{PAGE}#:~:text=Walking%20helps%20more." == link


def test_marks_of_the_grammar_are_percent_encoded_inside_words() -> None:
    text = "Self-care, rest & walks help."
    link = deep_link(_quoting(text, text), None)
    assert f"{PAGE}#:~:text=Self%2Dcare%2C%20rest%20%26%20walks%20help." == link


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x", "https://a.example/x#:~:text=It%20helps."),
        ("https://a.example/x#part", "https://a.example/x#part:~:text=It%20helps."),
        ("https://a.example/x#", "https://a.example/x#:~:text=It%20helps."),
        ("https://a.example/x#a:~:text=old", "https://a.example/x#a:~:text=It%20helps."),
        ("https://a.example/x?q=1", "https://a.example/x?q=1#:~:text=It%20helps."),
    ],
)
def test_an_existing_fragment_is_kept(url: str, expected: str) -> None:
    assert expected == deep_link(_quoting("It helps.", "It helps.", url), None)


def test_without_an_address_the_public_address_is_used() -> None:
    citation = _quoting("It helps.", "It helps.", None)
    expected = "https://ask.example/articles/back-pain#:~:text=It%20helps."
    assert expected == deep_link(citation, "https://ask.example/")


def test_without_any_address_there_is_no_link() -> None:
    assert deep_link(_quoting("It helps.", "It helps.", None), None) is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/relative"])
def test_only_web_addresses_are_linked(url: str) -> None:
    assert deep_link(_quoting("It helps.", "It helps.", url), "https://ask.example") is None


def test_a_long_quote_is_linked_by_its_first_and_its_last_sentence() -> None:
    sentences = [
        " ".join(f"{name}{n}" for n in range(10, 35)) + "." for name in ("one", "two", "six")
    ]
    quote = " ".join(["Yes.", *sentences])
    parts = _parts(deep_link(_quoting(f"Before. {quote} After.", quote), None))
    assert parts == {"start": f"Yes. {sentences[0]}", "end": sentences[2]}


def test_a_long_quote_of_long_sentences_is_linked_by_their_ends() -> None:
    quote = " ".join(f"word{n}" for n in range(10, 90)) + "."
    parts = _parts(deep_link(_quoting(f"Before. {quote} After.", quote), None))
    assert parts == {
        "start": " ".join(f"word{n}" for n in range(10, 38)),
        "end": " ".join(f"word{n}" for n in range(62, 90)) + ".",
    }


def test_a_quote_of_usual_length_is_linked_as_a_whole() -> None:
    quote = " ".join(f"word{n}" for n in range(10, 50)) + "."
    link = deep_link(_quoting(f"Before. {quote} After.", quote), None)
    assert {"start": quote} == _parts(link)


def test_a_quote_that_is_also_the_title_is_told_apart_by_what_follows() -> None:
    article = Article("x", "0" * 16, "Back pain passes", "Back pain passes. Walks help.", url=PAGE)
    link = deep_link(Citation(1, article, "", 0, 17, "Back pain passes."), None)
    assert {"start": "Back pain passes."} == _parts(link)
    link = deep_link(Citation(1, article, "", 0, 16, "Back pain passes"), None)
    assert {"start": "Back pain passes", "suffix": ". Walks help."} == _parts(link)


def test_a_quote_over_lines_is_linked_from_its_first_to_its_last_line() -> None:
    quote = "These may help:\nrest\nshort walks"
    parts = _parts(deep_link(_quoting(f"{quote}\nNothing else.", quote), None))
    assert parts == {"start": "These may help:", "end": "short walks"}


def test_a_quote_that_stands_twice_gets_the_words_before_it() -> None:
    text = "For adults: It helps.\nFor children: It helps."
    start = text.rindex("It helps.")
    parts = _parts(deep_link(_citation(text, start, start + 9), None))
    assert parts == {"prefix": "For children:", "start": "It helps."}


def test_a_quote_that_stands_twice_at_the_beginning_gets_the_words_after_it() -> None:
    text = "It helps. So does rest. It helps."
    parts = _parts(deep_link(_citation(text, 0, 9), None))
    assert parts == {"start": "It helps.", "suffix": "So does rest."}


def test_an_end_that_recurs_within_the_quote_is_told_apart_by_what_follows() -> None:
    again = (
        "Please ask a doctor or a pharmacist about it, and say what you have tried so far, how "
        "long you have tried each, whether any of it has helped, and what you would like to try."
    )
    quote = f"If the pain lasts for weeks, see someone about it. {again} It may last. {again}"
    citation = _quoting(f"{quote} Most people recover.", quote)
    parts = _parts(deep_link(citation, None))
    assert parts["suffix"] == "Most people recover."
    assert (citation.start, citation.end) == _highlighted(citation.article.text, parts)


def test_text_without_spaces_is_linked_as_a_whole() -> None:
    quote = "腰椎管狭窄症通常会随着年龄的增长而缓慢发展" * 6 + "。"
    assert {"start": quote} == _parts(deep_link(_quoting(quote + "休息。", quote), None))


WORDS = st.sampled_from(
    [
        "rest",
        "Rest",
        "self-care",
        "walks,",
        "pain",
        "2.5",
        "mg",
        "R&D",
        "naïve",
        "疼痛",
        "😀",
        "100%",
    ]
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=30).map(lambda words: " ".join(words) + ".")
LINES = st.lists(SENTENCES, min_size=1, max_size=4).map(" ".join)
TEXTS = st.lists(LINES, min_size=1, max_size=4).map("\n".join)


@settings(deadline=None)
@given(TEXTS, st.data())
def test_every_part_of_a_link_unquotes_to_words_of_the_article(
    text: str, data: st.DataObject
) -> None:
    bounds = [0, *(m.end() for m in re.finditer(r"\.(?=\s|$)", text))]
    first = data.draw(st.integers(0, len(bounds) - 2))
    last = data.draw(st.integers(first + 1, len(bounds) - 1))
    start = bounds[first] + len(text[bounds[first] :]) - len(text[bounds[first] :].lstrip())
    citation = _citation(text, start, bounds[last])
    parts = _parts(deep_link(citation, None))
    flat = " ".join(text.split())
    for words in parts.values():
        assert words in flat
    assert " ".join(citation.quote.split()).startswith(parts["start"])
    assert " ".join(citation.quote.split()).endswith(parts.get("end", parts["start"]))


@settings(deadline=None)
@given(TEXTS, st.data())
def test_a_quote_in_unique_surroundings_is_what_a_browser_highlights(
    text: str, data: st.DataObject
) -> None:
    lines = [f"{n}th {line} {n}th." for n, line in enumerate(text.split("\n"))]
    n = data.draw(st.integers(0, len(lines) - 1))
    whole = "\n".join(lines)
    start = len("\n".join(lines[:n])) + (1 if n else 0)
    citation = _citation(whole, start, start + len(lines[n]))
    assert (start, start + len(lines[n])) == _highlighted(whole, _parts(deep_link(citation, None)))
