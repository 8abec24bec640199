"""The corpus: article files read, understood, and cut into sentences and passages."""

from rag.corpus.digest import READER_VERSION
from rag.corpus.entries import Entry, Format, Rejection, Withdrawal
from rag.corpus.files import read_published, read_sources
from rag.corpus.folder import folder_signature
from rag.corpus.ids import is_valid_id, published_path, withdrawn_path
from rag.corpus.metadata import read_url
from rag.corpus.passages import CHUNKING, draft_article, heading_text
from rag.corpus.published import published_file
from rag.corpus.rows import format_of, read_rows
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
    "folder_signature",
    "format_of",
    "heading_text",
    "is_valid_id",
    "published_file",
    "published_path",
    "read_published",
    "read_rows",
    "read_sources",
    "read_url",
    "split_sentences",
    "understand",
    "version_of",
    "withdrawn_path",
]
