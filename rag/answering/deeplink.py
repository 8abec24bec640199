"""Links that open a cited page at the quote and highlight it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import quote as percent_encode

from rag.types import Article, Citation, Span

# Above this many characters a whole quote makes an unwieldy address; its ends are enough. Up to
# there the whole is safer: a teaser on the page that has its first words is not taken for it.
_LONG = 300
# Characters at each end of a longer quote: a sentence, so that neither a teaser that is cut off in
# the middle of it nor a footnote mark after it does any harm.
_LEAST = 40
_MOST = 200
_FINAL = (".", "!", "?", "。", "！", "？", ":", "：")
# Words of context to try, few first: long context breaks when a page differs a little.
_CONTEXTS = (3, 8)


@dataclass(frozen=True, slots=True)
class _Directive:
    """One text directive, `[prefix-,]start[,end][,-suffix]`, each part in plain words."""

    start: str
    end: str | None = None
    prefix: str | None = None
    suffix: str | None = None


def deep_link(citation: Citation, public_url: str | None) -> str | None:
    """The address of the cited article with a text fragment for the quote, or None.

    An article without an address of its own is linked under `public_url`. Only http and https
    are ever linked. Format: URL Fragment Text Directives (WICG scroll-to-text-fragment).
    """
    page = _page(citation.article, public_url)
    if page is None:
        return None
    directive = _unambiguous(citation)
    return f"{page}:~:text={_encoded(directive)}" if directive else page.rstrip("#")


def _page(article: Article, public_url: str | None) -> str | None:
    """The article's address up to where a fragment directive goes, or None."""
    address = article.url
    if address is None and public_url:
        address = f"{public_url.rstrip('/')}/articles/{percent_encode(article.id, safe='')}"
    if address is None or not address.lower().startswith(("http://", "https://")):
        return None
    address = address.partition(":~:")[0]
    return address if "#" in address else f"{address}#"


def _unambiguous(citation: Citation) -> _Directive | None:
    """The plainest directive that finds this quote and nothing else in the article."""
    text, span = citation.article.text, Span(citation.start, citation.end)
    plain = _plain(citation.quote)
    if plain is None:
        return None
    candidates = [plain, *_with_context(plain, text, span)]
    # On the page the title comes first, and may begin as the quote does.
    title = f"{citation.article.title}\n"
    wanted = _trimmed(text, span, len(title))
    return next((c for c in candidates if _found(c, title + text) == wanted), candidates[-1])


def _plain(quote: str) -> _Directive | None:
    """The quote itself, or its ends where it is long or spans lines (blocks of the page)."""
    lines = [line.split() for line in quote.split("\n") if line.strip()]
    if not lines:
        return None
    first, last = lines[0], lines[-1]
    if len(lines) == 1 and (len(" ".join(first)) <= _LONG or len(first) == 1):
        return _Directive(" ".join(first))
    start, end = _opening(first), _closing(last)
    if len(lines) == 1 and start + end > len(first):
        return _Directive(" ".join(first))
    return _Directive(" ".join(first[:start]), " ".join(last[-end:]))


def _opening(words: list[str]) -> int:
    """How many words begin a quote: those of its first sentence, one at least."""
    lengths = accumulate(len(word) + 1 for word in words)
    for count, (word, length) in enumerate(zip(words, lengths, strict=True)):
        if length > _MOST:
            return max(count, 1)
        if length > _LEAST and word.endswith(_FINAL):
            return count + 1
    return len(words)


def _closing(words: list[str]) -> int:
    """How many words end a quote: those of its last sentence, one at least."""
    length = 0
    for count, word in enumerate(reversed(words)):
        ends_another = length > _LEAST and word.endswith(_FINAL)
        length += len(word) + 1
        if count and (ends_another or length > _MOST):
            return count
    return len(words)


def _with_context(plain: _Directive, text: str, span: Span) -> Iterator[_Directive]:
    """The directive with what stands around the quote, from little context to much."""
    before = text[: span.start].rstrip().rpartition("\n")[2].split()
    after = text[span.end :].lstrip().partition("\n")[0].split()
    for size in _CONTEXTS:
        prefix = " ".join(before[-size:]) or None
        suffix = " ".join(after[:size]) or None
        yield _Directive(plain.start, plain.end, prefix, None)
        yield _Directive(plain.start, plain.end, None, suffix)
        yield _Directive(plain.start, plain.end, prefix, suffix)


def _found(directive: _Directive, text: str) -> Span | None:
    """What a browser marks for the directive, or None where its start stands more than once."""
    before = rf"{_pattern(directive.prefix)}\s*" if directive.prefix else ""
    after = rf"\s*{_pattern(directive.suffix)}" if directive.suffix else ""
    opening = f"{before}({_pattern(directive.start)}){'' if directive.end else after}"
    starts = list(re.finditer(opening, text, re.IGNORECASE))
    if len(starts) != 1:
        return None
    start, end = starts[0].span(1)
    if directive.end is None:
        return Span(start, end)
    ending = re.compile(f"({_pattern(directive.end)}){after}", re.IGNORECASE).search(text, end)
    return Span(start, ending.end(1)) if ending else None


def _trimmed(text: str, span: Span, offset: int) -> Span:
    """The span without white space at its ends, as it lies in a text that has more before it."""
    quote = text[span.start : span.end]
    start, end = span.end - len(quote.lstrip()), span.start + len(quote.rstrip())
    return Span(start + offset, end + offset)


def _pattern(words: str) -> str:
    """A pattern of literal words that stand on one line, whatever the space between them."""
    return r"[^\S\n]+".join(re.escape(word) for word in words.split())


def _encoded(directive: _Directive) -> str:
    start, end = _percent(directive.start), directive.end
    parts = [f"{_percent(directive.prefix)}-," if directive.prefix else "", start]
    parts.append(f",{_percent(end)}" if end is not None else "")
    parts.append(f",-{_percent(directive.suffix)}" if directive.suffix else "")
    return "".join(parts)


def _percent(text: str) -> str:
    """Percent-encoded, `-` too: bare, it would mark a prefix or a suffix."""
    return percent_encode(text, safe="").replace("-", "%2D")
