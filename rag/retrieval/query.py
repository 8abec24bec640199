"""What of a question is looked for, and in which field."""

from __future__ import annotations

from rag.text import words
from rag.types import LexicalQuery

# A title match says most about what a passage is about. Tuned on three question sets together;
# the ranking is flat around these values.
FIELD_WEIGHTS = {"title": 1.0, "heading": 0.6, "body": 1.0}

_STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any anybody anyone anything are aren't
    around as asap ask asked asking at away be because been before being below best better between
    both but by can can't cannot cant could couldn't dear did didn't do does doesn't doing don't
    done dont during each either else etc even ever every everyone everything explain few find
    first for from further get gets getting give given go goes going gone good got had hadn't happen
    happens has hasn't have haven't having he he's hello help helpful her here hers herself hey hi
    him himself his how however i i'd i'll i'm i've if im in info information into is isn't it it's
    its itself just kindly know known last let lets like likely look looking lot lots made make
    makes many may maybe me mean means might mine more most much must my myself need needed needs
    neither never new no nor not now of off often ok okay on once one ones only or other others our
    ours out over own people person please possible possibly put question questions quite rather
    re read really regarding regards said same say says see seem seems seen several shall she
    should shouldn't since sir so some somebody someone something sometimes soon still such suggest
    sure take taken taking tell than thank thanks that that's the their theirs them themselves then
    there there's these they thing things think this those though through thus time to today told
    too try trying two u under until up upon ur us use used using usually various very want wanted
    wants was wasn't way we we're we've well went were weren't what what's whatever when where
    whether which while who whole whom whose why will wish with within without won't wondering
    word would wouldn't write yes yet you you'd you'll you're you've your yours yourself
    """.split()
)


def content_words(question: str) -> list[str]:
    """The words of a question that say what it is about, in order; all words where none does."""
    every = words(question)
    return [word for word in every if word not in _STOP_WORDS] or every


def lexical_query(question: str) -> LexicalQuery:
    """All words are looked for in titles and headings, but only those with content in bodies.

    A title such as "What is …?" shares its form with a question; a body shares it with all.
    """
    every = words(question)
    return LexicalQuery(
        words={"title": every, "heading": every, "body": content_words(question)},
        weights=FIELD_WEIGHTS,
    )
