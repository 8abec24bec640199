"""Cut an article into passages: whole sentences of one section, within the encoder's window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.corpus.sentences import split_sentences
from rag.protocols import TokenCounter
from rag.types import (
    Article,
    DraftArticle,
    DraftPassage,
    DraftSection,
    EncoderInput,
    Section,
    Span,
)

CHUNKING = "sections-180-2"
"""Names how articles are cut; it is part of the recipe and changes whenever a passage could."""

# Passages of up to 180 word pieces ranked best of those tried; a window of 256 then has room for
# title and heading before them.
_PASSAGE_TOKENS = 180
_SPECIAL_TOKENS = 2
# Models with a smaller window keep the same share of it for title and heading.
_PASSAGE_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class _Cut:
    section: int
    sentences: tuple[Span, ...]


def draft_article(article: Article, counter: TokenCounter, window: int) -> DraftArticle:
    """Passages of an article, in order, each with what is encoded of it.

    A sentence longer than a passage may be is a passage of its own; the encoder sees all of it.
    """
    limit = min(_PASSAGE_TOKENS, int((window - _SPECIAL_TOKENS) * _PASSAGE_SHARE))
    kept: list[Section] = []
    cuts: list[_Cut] = []
    for section in article.sections:
        groups = list(_groups(article, section, counter, limit))
        if groups:
            cuts.extend(_Cut(len(kept), group) for group in groups)
            kept.append(section)
    prefixes = [heading_text(article.title, section.heading) for section in kept]
    rooms = window - _SPECIAL_TOKENS - limit
    inputs = [_fitting(prefix, counter, rooms) for prefix in prefixes]
    return DraftArticle(
        article=article,
        sections=tuple(
            DraftSection(section.heading, EncoderInput(prefix))
            for section, prefix in zip(kept, prefixes, strict=True)
        ),
        passages=tuple(_draft(article, cut, inputs[cut.section]) for cut in cuts),
    )


def heading_text(title: str, heading: str) -> str:
    """What is encoded of a section beside its passages: "title. heading"."""
    if not heading or heading.casefold() == title.casefold():
        return title
    return f"{title}{'' if title.endswith(('?', '!', '.', '？', '。')) else '.'} {heading}"


def _groups(
    article: Article, section: Section, counter: TokenCounter, limit: int
) -> Iterator[tuple[Span, ...]]:
    """Neighbouring sentences that fit together, in groups of about the same size."""
    spans = [
        Span(section.start + span.start, section.start + span.end)
        for span in split_sentences(
            article.text[section.start : section.end], article.language or "en"
        )
    ]
    sizes = counter.count([article.text[span.start : span.end] for span in spans])
    if not spans:
        return
    groups = -(-sum(sizes) // limit) or 1
    target = sum(sizes) / groups
    group: list[Span] = []
    tokens = 0
    for span, size in zip(spans, sizes, strict=True):
        if group and (tokens + size > limit or tokens >= target):
            yield tuple(group)
            group, tokens = [], 0
        group.append(span)
        tokens += size
    yield tuple(group)


def _fitting(prefix: str, counter: TokenCounter, room: int) -> str:
    """As many leading words of a title and heading as the window has room for."""
    words: Sequence[str] = prefix.split()
    while len(words) > 1 and counter.count([" ".join(words)])[0] > room:
        words = words[: len(words) * 3 // 4]
    return " ".join(words)


def _draft(article: Article, cut: _Cut, prefix: str) -> DraftPassage:
    start, end = cut.sentences[0].start, cut.sentences[-1].end
    lead = f"{prefix}\n"
    shift = len(lead) - start
    return DraftPassage(
        section=cut.section,
        start=start,
        end=end,
        sentences=cut.sentences,
        input=EncoderInput(
            text=lead + article.text[start:end],
            spans=tuple(Span(s.start + shift, s.end + shift) for s in cut.sentences),
        ),
    )
