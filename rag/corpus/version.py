"""The version of an article: a hash of all that could be quoted or cited."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from rag.types import Article

# 64 bits: two versions of one article never meet, and a person can still compare two by eye.
_DIGITS = 16
_NOT_CITED = ("id", "version")


def version_of(article: Article) -> str:
    """First 16 hex digits of SHA-256 over the canonical JSON of everything but id and version.

    Canonical: keys sorted, no spaces, UTF-8, not escaped. Sections count, since a citation names
    the one it is from.
    """
    fields = {key: value for key, value in asdict(article).items() if key not in _NOT_CITED}
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:_DIGITS]
