"""What the gate remembers of messages: no word of a reader, and never another verdict."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.safety import gate as gates
from rag.safety import lexicon as lexicons
from rag.safety.gate import Gate
from rag.safety.lexicon import Lexicon, _State

MESSAGES = (
    "My name is Quirzelbert Vandoovenach, call 07700900123, card 4929123412341234",
    "I took 137 tablets of zolpiquexine and now I feel strange, my chest hurts",
    "took all of the of the of my pills",
    "no chest pain but my jaw hurts. 胸痛,喘不上气 me duele el pecho",
    "chest pain " * 150,
)
OF_READERS = ("quirzelbert", "vandoovenach", "07700900123", "4929123412341234", "zolpiquexine")


@pytest.fixture
def fresh() -> Gate:
    """A gate that has heard nothing yet."""
    return gates._build()


def remembered(lexicon: Lexicon) -> Iterator[str]:
    """Every word that is kept."""
    yield from lexicon.memory.symbols
    left: list[_State] = [lexicon.memory.begin]
    while left:
        for (_, symbols), state in left.pop().following.items():
            yield from symbols
            if state is not None:
                left.append(state)


def test_no_word_of_a_reader_is_kept(fresh: Gate) -> None:
    for message in MESSAGES:
        fresh.judge(message)
        fresh.limit(message)
    kept = {word for of in (fresh.lexicon, fresh.limit_lexicon) for word in remembered(of)}
    kept |= set(fresh.classifier.words._known)
    assert {"chest", "pain"} <= kept
    assert [word for word in kept if word in OF_READERS or word.isdigit()] == []


@pytest.mark.parametrize("room", [0, 5, 1_000])
def test_what_is_remembered_changes_no_verdict(
    fresh: Gate, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    first = [fresh.judge(message) for message in MESSAGES]
    assert [fresh.judge(message) for message in MESSAGES] == first
    monkeypatch.setattr(lexicons, "_MOST_STEPS", room)
    full = gates._build()
    assert [full.judge(message) for message in MESSAGES] == first
    assert [full.judge(message) for message in reversed(MESSAGES)] == first[::-1]
    assert full.lexicon.memory.steps <= room
