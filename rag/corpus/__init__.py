"""The corpus: article files read, understood, and cut into sentences and passages."""

from rag.corpus.digest import READER_VERSION
from rag.corpus.entries import Entry, Format, Rejection, Withdrawal
from rag.corpus.files import read_sources
from rag.corpus.ids import is_valid_id, published_path, withdrawn_path
from rag.corpus.metadata import read_url
from rag.corpus.passages import CHUNKING, draft_article, heading_text
from rag.corpus.rows import read_rows
from rag.corpus.sentences import split_sentences
from rag.corpus.understand import Understood, understand
from rag.corpus.version import version_of

__all__ = [
    "CHUNKING",
    "READER_VERSION",
    "Entry",
    "Format",
    "Rejection",
    "Understood",
    "Withdrawal",
    "draft_article",
    "heading_text",
    "is_valid_id",
    "published_path",
    "read_rows",
    "read_sources",
    "read_url",
    "split_sentences",
    "understand",
    "version_of",
    "withdrawn_path",
]
