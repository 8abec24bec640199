"""The gate's data files: shared rules and frames, and the words of each language for them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from rag.safety.frames import FRAMES
from rag.safety.lexicon import Wording
from rag.safety.rules import Limit, Rule, parse_limits, parse_rules

LANGUAGES = ("en", "zh", "es")
"""Languages with a file of words, in the order in which their rules are tried."""

Lists = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Tables:
    """All rules with everything that they are read by.

    lists, limit_lists: phrases by the name of their concept or frame, of all languages.
    """

    version: str
    rules: tuple[Rule, ...]
    lists: Lists
    limits: tuple[Limit, ...]
    limit_lists: Lists
    wording: Wording


def load_tables() -> Tables:
    """Read the packaged files. Raises ValueError where one names what none of them has."""
    shared, frames = read_table("rules.toml"), read_table("frames.toml")
    spoken = [read_table(f"words/{language}.toml") for language in LANGUAGES]
    concepts = _joined(table.get("concepts", {}) for table in spoken)
    of_frames = _joined([frames["frames"], *(table.get("frames", {}) for table in spoken)])
    if set(of_frames) != FRAMES:
        odd = sorted(set(of_frames) ^ FRAMES)
        raise ValueError(f"The data files and the gate disagree about the frame {odd[0]!r}.")
    rows = [*shared["rules"], *(row for table in spoken for row in table.get("rules", ()))]
    limits = [read_table(f"limits/{name}.toml") for name in ("rules", *LANGUAGES)]
    limited = _joined(table.get("concepts", {}) for table in limits)
    return Tables(
        version=shared["version"],
        rules=parse_rules(rows, concepts, shared["timing"]),
        lists={**_with_inclusions(concepts), **of_frames},
        limits=parse_limits((row for table in limits for row in table.get("rules", ())), limited),
        limit_lists=_with_inclusions(limited),
        wording=_wording(frames, spoken),
    )


def read_table(name: str) -> dict[str, Any]:
    """One packaged data file in TOML."""
    return tomllib.loads(read_bytes(name).decode())


def read_bytes(name: str) -> bytes:
    """The content of one packaged data file."""
    return files("rag.safety").joinpath("data", *name.split("/")).read_bytes()


def _joined(tables: Iterable[Mapping[str, list[str]]]) -> Lists:
    joined: Lists = {}
    for table in tables:
        for name, phrases in table.items():
            joined.setdefault(name, []).extend(phrases)
    return joined


def _with_inclusions(concepts: Lists) -> Lists:
    """Phrase lists in which `@other` stands for the phrases of another concept."""
    return {
        name: [
            phrase
            for entry in entries
            for phrase in (concepts[entry[1:]] if entry.startswith("@") else (entry,))
        ]
        for name, entries in concepts.items()
    }


def _wording(frames: Mapping[str, Any], spoken: Iterable[Mapping[str, Any]]) -> Wording:
    tables = [frames, *spoken]
    return Wording(
        fillers=frozenset(word for table in tables for word in table.get("fillers", ())),
        aliases={k: v for table in tables for k, v in table.get("aliases", {}).items()},
        expansions={word: long.split() for word, long in frames["expansions"].items()},
        numbers={k: v for table in tables for k, v in table.get("numbers", {}).items()},
        classes={name: (low, high) for name, (low, high) in frames["classes"].items()},
        real_words=frozenset(word for table in tables for word in table.get("real_words", ())),
    )
