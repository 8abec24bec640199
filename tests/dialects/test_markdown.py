"""Texts as deep-chat shows them: rendered by the library that it has, with its options."""

from __future__ import annotations

import html
import json
import random
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from rag.answering import answer_text
from rag.rendering import Body
from rag.types import Statement
from rag.web.dialects.markdown import literal, with_links
from rag.web.dialects.visible import visible
from tests.clients.running import FOLDER, require_clients, run_node

PAYLOADS = (
    "# A heading",
    "- a list\n+ another\n* a third",
    "1. first\n2) second",
    "> quoted",
    "    code",
    "\tcode",
    "```\nfenced\n```",
    "~~~\nfenced\n~~~",
    "`code` and ``more``",
    "**bold** _slanted_ ~~gone~~ __init__",
    "***",
    "a\n---",
    "a\n===",
    "[a link](https://evil.example)",
    "[a link](javascript:alert(1))",
    "[reference][1]\n\n[1]: https://evil.example",
    "[1]: https://evil.example",
    "![image](https://evil.example/x.png)",
    "<https://evil.example>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp; &#60;i&#x3E; &copy; AT&T",
    "a | b\n--|--\n1 | 2",
    "| a |\n|---|\n| 1 |",
    "[^1]: note\n\ntext[^1] and ^[inline]",
    "*[HTML]: abbreviation\n\nHTML",
    "Term\n: definition",
    "https://evil.example and www.evil.example",
    "a\u2028# heading\u2424- list\x85> quote",
    "back\\slash \\* \\[x\\](y) \\",
    "-5 °C, +3, #1, 10.5 mg, (a) [b] {c} <d>, 3*4*5, x_1_2, ~5, a~~b",
    "😀 *x* 😀",
    "$$x$$ ==marked== ++in++ H~2~O x^2^",
)
TOKENS = ("[", "]", "(", ")", "!", "*", "_", "`", "~", "<", ">", "&", ";", "#", "-", "+", "=", "|",
          ":", "\\", "\n", "\n\n", " ", "    ", "\t", "1.", "a", "bc", '"', "'", "^", "amp",
          "https://e.example", "\u2028", "\u00a0", "script", "x", "0)")  # fmt: skip
_BLOCKS = re.compile(r"</?p>|<br>")
_LINK = re.compile(r'<a href="([^"]*)" title="([^"]*)" target="_blank">(\[\d+\])</a>')


def _shuffled() -> list[str]:
    chance = random.Random(7)
    return ["".join(chance.choices(TOKENS, k=chance.randint(1, 14))) for _ in range(3000)]


def rendered(texts: list[str], folder: Path) -> list[str]:
    require_clients("remarkable")
    file = folder / "texts.json"
    file.write_text(json.dumps(texts), encoding="utf-8")
    found: list[str] = json.loads(run_node(FOLDER / "markdown.mjs", str(file)))
    return found


def words(text: str) -> str:
    """A text without white space, which a page shows as it likes."""
    return re.sub(r"[\s\u2424]+", "", text)


@pytest.mark.parametrize("texts", [list(PAYLOADS), _shuffled()], ids=["known", "shuffled"])
def test_a_text_is_shown_as_it_is_and_nothing_in_it_is_markup(
    texts: list[str], tmp_path: Path
) -> None:
    pages = rendered([literal(text) for text in texts], tmp_path)
    for text, page in zip(texts, pages, strict=True):
        shown = _BLOCKS.sub("", page)
        assert "<" not in shown, (text, page)
        assert words(text) == words(html.unescape(shown)), (text, page)


def test_without_this_the_same_texts_would_be_markup(tmp_path: Path) -> None:
    pages = rendered(list(PAYLOADS), tmp_path)
    assert 20 < sum("<" in _BLOCKS.sub("", page) for page in pages)


def test_of_an_answer_the_markers_alone_are_links(tmp_path: Path) -> None:
    bodies = [_body(text, url) for text in (*PAYLOADS, *_shuffled()[:500]) for url in _URLS[:1]]
    bodies += [_body(text, url) for text in PAYLOADS[:3] for url in _URLS]
    pages = rendered([with_links(visible(body, "http://site")) for body in bodies], tmp_path)
    for body, page in zip(bodies, pages, strict=True):
        links = _LINK.findall(page)
        text = body["citations"][0]["title"]
        assert ["[1]"] == [marker for _, _, marker in links], page
        address, title, _ = map(html.unescape, links[0])
        # What looks like an entity in a title may be shown as its sign: it is text all the same.
        assert words(html.unescape(text)) == words(html.unescape(title)), page
        assert _same_address(body["citations"][0]["url"], address), page
        shown = _BLOCKS.sub("", _LINK.sub(r"\3", page))
        assert "<" not in shown, (body["text"], page)
        assert words(visible(body, "").text) == words(html.unescape(shown))


def test_plain_text_stays_readable_also_unrendered() -> None:
    plain = "Most people get better in 6-8 weeks (see a doctor if not): it's common!"
    assert plain == literal(plain)


_URLS = (
    "https://news.example/a?b=1&c=2&copy;=3#:~:text=Go%20for%2Dshort,walks",
    "https://news.example/(x)/[y]/\\z?q=\"'<>`*_a_*",
    "https://news.example/a b)c ](javascript:alert(1))",
)


def _body(text: str, url: str) -> Body:
    """An answer of one statement that is a text, by an article with that text as its title."""
    said = " ".join(text.split()) or "x"
    citation = {"number": 1, "title": said, "url": url, "deep_link": None}
    return {
        "text": answer_text([Statement(said, (1,))]),
        "statements": [{"text": said, "citations": [1]}],
        "citations": [citation],
        "safety": {"notice": text},
        "disclaimer": {"text": text},
    }


def _same_address(wanted: str, found: str) -> bool:
    return unquote(wanted) == unquote(found)
