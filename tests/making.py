"""Small articles, and indexes of them, made for a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from sqlite3 import Connection

from rag.corpus import Entry, Understood, version_of
from rag.errors import ArticleRejected
from rag.index import Library, Reading, Recipe
from rag.index.builds import DATABASE, live_build
from rag.index.schema import connect
from rag.indexer import Indexer, IndexOptions, IndexReport
from rag.protocols import PassageEncoder
from rag.retrieval import rank
from rag.types import Article, Mode, Section, SourceFile
from tests.doubles import HashingEncoder

RECIPE = Recipe(model="hashing", encoder="hashing-1", chunking="test-1", text="1")


def make_article(
    article_id: str, *bodies: str, title: str = "Back pain", headings: Iterable[str] = ()
) -> Article:
    """An article whose sections have the given texts, under headings where there are any."""
    text, sections = "", []
    names = [*headings, *[""] * len(bodies)]
    for body, heading in zip(bodies, names, strict=False):
        text += f"{heading}\n" if heading else ""
        sections.append(Section(heading, len(text), len(text) + len(body)))
        text += f"{body}\n"
    article = Article(article_id, "", title, text.rstrip("\n"), tuple(sections))
    return replace(article, version=version_of(article))


def source_of(article: Article, path: str | None = None) -> SourceFile:
    """The file that an article would have been read from."""
    digest = f"digest-{article.version}"
    return SourceFile(path or f"{article.id}.md", article.id, "markdown", "", digest)


@dataclass
class Corpus:
    """Articles to index, by id, with the other things that reading a folder may yield.

    paths: by id, of those not read from `<id>.md`; rejected: ids of those not understood.
    """

    articles: dict[str, Article] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    others: list[Entry] = field(default_factory=list)
    failure: Exception | None = None

    def put(self, *articles: Article) -> None:
        """Add articles, or replace those of the same id."""
        self.articles.update({article.id: article for article in articles})

    def remove(self, *article_ids: str) -> None:
        """Let articles be absent."""
        for article_id in article_ids:
            del self.articles[article_id]

    def read(self) -> Iterator[Entry]:
        """What the folder holds."""
        if self.failure:
            raise self.failure
        yield from self.others
        yield from (source_of(a, self.paths.get(a.id)) for a in self.articles.values())

    def understand(self, source: SourceFile) -> Understood:
        """The article of a source. Raises ArticleRejected."""
        if source.id in self.rejected:
            raise ArticleRejected("nothing is left of it")
        return Understood(self.articles[source.id])


def make_indexer(
    index: Path,
    corpus: Corpus,
    encoder: Callable[[], PassageEncoder] = HashingEncoder,
    recipe: Recipe = RECIPE,
) -> Indexer:
    """An indexer of a corpus that is not on disk."""
    return Indexer(corpus.read, corpus.understand, index, recipe, encoder)


def update(indexer: Indexer, *, allow_withdraw: bool = False, wait: float = 0.0) -> IndexReport:
    """Bring an index up to date, in silence."""
    return indexer.update(IndexOptions(allow_withdraw, wait), lambda *_: None)


def build_index(index: Path, *articles: Article, recipe: Recipe = RECIPE) -> IndexReport:
    """Make the index hold exactly these articles."""
    corpus = Corpus()
    corpus.put(*articles)
    return update(make_indexer(index, corpus, recipe=recipe), allow_withdraw=True)


@contextmanager
def reading(index: Path) -> Iterator[Reading]:
    """A reading by a process that has just started."""
    with Library(index, lambda _: None).reading() as opened:
        yield opened


@contextmanager
def database_of(index: Path) -> Iterator[Connection]:
    """The database of the live build, to look into or to do harm to."""
    with closing(connect(live_build(index) / DATABASE, writing=True)) as database:
        yield database


def live_texts(opened: Reading) -> Mapping[str, str]:
    """Text by passage id of every live passage."""
    rows = sorted(opened.article_ids())
    return {stored.passage.id: stored.text for stored in opened.passages(rows)}


def searched(opened: Reading, question: str, mode: Mode = Mode.HYBRID) -> dict[str, float]:
    """Score by passage id of all that is found for a question, best first."""
    vector = HashingEncoder().encode([question])[0]
    ranked = rank(opened.view, question, vector, mode)
    stored = opened.passages([item.row for item in ranked])
    ids = {passage.row: passage.passage.id for passage in stored}
    return {ids[item.row]: item.score for item in ranked if item.row in ids}
