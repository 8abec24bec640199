"""What a corpus folder holds now, compared with what readers are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.corpus import Rejection
from rag.errors import IndexUnavailable, WithdrawalRefused
from rag.index.builds import live_build, reading
from rag.index.lookups import known_sources, live_articles
from rag.types import Article, Notice, SourceFile

# Fewer withdrawals than this are an editor's normal day, whatever their share.
_FEWEST_SUSPICIOUS = 5
_SUSPICIOUS_SHARE = 0.2
_ROW = re.compile(r"\.jsonl(?:\.gz)?:\d+$", re.IGNORECASE)

Sources = Mapping[str, tuple[str, str]]
"""Path and digest of the source by article id."""


@dataclass(slots=True)
class Found:
    """What is in the corpus folder, collected while it is read.

    sources: path and digest by article id of all that were understood, now or earlier.
    kept: ids of articles whose file is now rejected; they stay as they are.
    withdrawn: ids of those that an editor has withdrawn; they end whatever their files say.
    """

    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    changed: list[SourceFile] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    rejected: list[Notice] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shown:
    """What readers are shown while another build is made: articles by id, and their sources."""

    articles: Mapping[str, Article] = field(default_factory=dict)
    sources: Sources = field(default_factory=dict)


def shown_by(index: Path, build: Path | None) -> Shown:
    """What the live build holds, unless it is the one to be written or cannot be read."""
    try:
        current = live_build(index)
        if current == build:
            return Shown()
        with reading(current) as database:
            return Shown(live_articles(database), known_sources(database))
    except IndexUnavailable:
        return Shown()


def reject(found: Found, item: Rejection, known: Sources) -> None:
    """Note a rejection; whatever article it may have been stays as it is."""
    found.rejected.append(Notice(item.path, item.reason))
    if item.article_id:
        found.kept.add(item.article_id)
        # A file may have been another article before. A row tells nothing of those beside it, and
        # another one may have stood on its line.
        if not _ROW.search(item.path):
            found.kept.update(i for i, (path, _) in known.items() if path == item.path)
        return
    # The corpus folder itself goes by the path ".".
    above = "" if item.path == "." else f"{item.path}/"
    above_or_rows = (above, f"{item.path.partition('.jsonl')[0]}.jsonl")
    found.kept.update(
        article_id
        for article_id, (path, _) in known.items()
        if path == item.path or path.startswith(above_or_rows)
    )


def without_twins(
    found: Found, articles: Sequence[Article], live: Mapping[str, str]
) -> list[Article]:
    """The articles but for new ones whose id differs in case only from one that stays."""
    there = {i.lower(): i for i in live if i in found.sources or i in found.kept}
    unique = []
    for article in articles:
        other = there.get(article.id.lower(), article.id)
        if other == article.id:
            unique.append(article)
            continue
        path, _ = found.sources.pop(article.id)
        reason = f"the id {article.id!r} differs from {other!r} in case only. Give it another"
        found.rejected.append(Notice(path, reason))
    return unique


def kept_of(found: Found, shown: Shown, live: Mapping[str, str]) -> list[Article]:
    """The last good versions of rejected articles, to be taken along into another build."""
    kept = (found.kept & shown.articles.keys()) - live.keys()
    kept -= found.withdrawn | found.sources.keys()
    return [shown.articles[article_id] for article_id in sorted(kept)]


def withdrawn_of(found: Found, live: Mapping[str, str], shown: Shown, *, allow: bool) -> list[str]:
    """The ids that end. Raises WithdrawalRefused where many files are simply not there any more."""
    there = found.sources.keys() | (found.kept - found.withdrawn)
    seen = shown.articles.keys() or live.keys()
    missing = seen - there - found.withdrawn
    many = len(missing) >= _FEWEST_SUSPICIOUS and len(missing) > _SUSPICIOUS_SHARE * len(seen)
    if many and not allow:
        raise WithdrawalRefused(
            f"{len(missing)} of {len(seen)} articles are no longer in the corpus folder, which "
            "looks like a mistake; nothing was changed. Give --allow-withdraw if it is meant."
        )
    return sorted(live.keys() - there)
