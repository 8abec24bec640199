"""Everything Wellcited raises on purpose.

    WellcitedError
    ├── SettingsError            a setting has a value that cannot be used
    ├── CorpusError              the corpus folder as a whole cannot be used
    │   └── WithdrawalRefused    too many articles would disappear at once
    ├── ArticleRejected          one article cannot be indexed (reported, never fatal)
    ├── ModelError               the embedding model cannot be used
    │   ├── ParityError          the ONNX graph does not agree with sentence-transformers
    │   └── EncoderDamaged       a file of the encoder is missing or has changed
    ├── StorageFull              the disk has no space left; nothing was changed
    ├── IndexUnavailable         the index cannot be used
    │   ├── IndexMissing         there is none yet
    │   ├── IndexBusy            another process is writing
    │   ├── RecipeMismatch       it was built with other settings
    │   └── IndexDamaged         a checksum does not match
    ├── ArticleNotFound          no article with that id (and version)
    ├── VersionConflict          a colleague has changed the article meanwhile
    ├── QuoteMismatch            a quote is not in the cited article version (never shown)
    └── DatasetError             an evaluation data set cannot be read

Each message says what happened, with the offending value, and what to do about it.
"""

from __future__ import annotations


class WellcitedError(Exception):
    """Base of all errors that Wellcited raises on purpose."""


class SettingsError(WellcitedError):
    """A setting has a value that cannot be used."""


class CorpusError(WellcitedError):
    """The corpus folder as a whole cannot be used."""


class WithdrawalRefused(CorpusError):
    """So many articles would be withdrawn at once that it looks like a mistake."""


class ArticleRejected(WellcitedError):
    """One article cannot be indexed; the others go on."""


class ModelError(WellcitedError):
    """The embedding model cannot be used."""


class ParityError(ModelError):
    """The ONNX graph does not agree with sentence-transformers."""


class EncoderDamaged(ModelError):
    """A file of the encoder on disk is missing or is not what it was made as.

    what: names it for whoever mends it, and never by a path.
    """

    def __init__(self, message: str, what: str = "") -> None:
        super().__init__(message)
        self.what = what


class StorageFull(WellcitedError):
    """The disk has no space left; nothing that is live has changed."""


class IndexUnavailable(WellcitedError):
    """The index cannot be used."""


class IndexMissing(IndexUnavailable):
    """There is no index yet."""


class IndexBusy(IndexUnavailable):
    """Another process is writing to the index."""


class RecipeMismatch(IndexUnavailable):
    """The index was built with other settings."""


class IndexDamaged(IndexUnavailable):
    """A stored checksum does not match what is there.

    what: names it for whoever mends it, and never by a path.
    """

    def __init__(self, message: str, what: str = "") -> None:
        super().__init__(message)
        self.what = what


class ArticleNotFound(WellcitedError):
    """There is no article with that id and version."""


class VersionConflict(WellcitedError):
    """An article is no longer at the version that an editor has seen."""


class QuoteMismatch(WellcitedError):
    """A quote is not in the cited article version."""


class DatasetError(WellcitedError):
    """An evaluation data set cannot be read."""
