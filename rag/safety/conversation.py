"""What a conversation amounts to: red flags add up, and the gravest stays until it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.types import Level, Role, Turn

ORDER = {level: rank for rank, level in enumerate(Level)}
# So many turns are read together: signs that a reader tells one by one come soon after another, and
# words of unrelated questions must not add up.
_MOST_TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules make of a text.

    rule: which of them; words: those of the text that led there; lasting: it is not ended by the
    reader's saying so, as a stroke that went away by itself is not; doubted: the level that an
    unsure rule would give.
    """

    level: Level = Level.NONE
    category: str | None = None
    rule: str | None = None
    words: tuple[str, ...] = ()
    lasting: bool = False
    doubted: Level | None = None

    @property
    def rank(self) -> int:
        """Where the level stands among all; higher is graver."""
        return ORDER[self.level]


def over_turns(
    turns: Sequence[Turn], judge: Callable[[str], Verdict], closes: Callable[[str], bool]
) -> Verdict:
    """The verdict on the last of the turns, which is the reader's, in its conversation.

    Among equals the latest counts. What was `urgent` or graver stays, until the reader says that
    it is over (`closes`) after an answer has told whom to call; belittling it ends nothing. A
    question in general that was asked earlier has been answered and does not stay.
    """
    standing, answered = Verdict(), False
    said: list[str] = []
    for position, turn in enumerate(turns):
        if turn.role is not Role.USER:
            answered = answered or standing.rank > 0
            continue
        verdict = judge(turn.content)
        if answered and not standing.lasting and closes(turn.content):
            standing, answered, said = Verdict(), False, []
        said.append(turn.content)
        last = position == len(turns) - 1
        if verdict.rank >= max(standing.rank, 0 if last else ORDER[Level.URGENT]):
            answered = answered and verdict.rank == standing.rank
            standing = verdict
    if len(said) > 1:
        together = judge("\n".join(said[-_MOST_TOGETHER:]))
        if together.rank > max(standing.rank, ORDER[Level.INFORMATIONAL]):
            return together
    return standing
