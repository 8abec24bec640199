"""What a sentence shows by its words: that it points back, asks, sends elsewhere, is a myth."""

from __future__ import annotations

import re

from rag.text import words

# A sentence that points back says something only after the one before it.
_THEM = r"(?:this|that|these|those|it|they|them|he|she)"
_POINTS_BACK = re.compile(
    r"(?:however|but|and|or|nor|so|also|thus|therefore|hence|instead|rather|moreover|furthermore|"
    r"further|additionally|otherwise|alternatively|then|next|later|afterwards?|finally|lastly|"
    r"meanwhile|nevertheless|nonetheless|still|yet|even so|besides|consequently|accordingly|"
    r"similarly|likewise|conversely|indeed|in (?:addition|contrast|turn|fact|other words|short)|"
    r"by contrast|on the (?:other hand|contrary)|for (?:example|instance)|as a result|"
    r"in (?:this|that|these|those|such) (?:cases?|situations?)|"
    r"this|that|these|those|such|it|its|they|them|their|he|she|his|her|both|neither|another|"
    r"others|the (?:former|latter|above|same)|"
    rf"(?:if|when|once|because|since|while|although|though|as|until) {_THEM}|"
    r"(?:some|most|many|all|any|each|none|one|several|few) of (?:these|those|them)|"
    r"(?:after|before|because of|due to|despite|during|for|from|with|without|until|unlike|like|"
    rf"among|to) {_THEM})\b|"
    r"(?:second|third|fourth)(?:ly)?,|if (?:so|not),|(?:yes|no)[,.:;!\u2013\u2014]",
    re.IGNORECASE,
)
# "It is important to …" points nowhere; "it is also common" and "it is likely to …" do not.
_POINTS_NOWHERE = re.compile(
    r"it(?:['’]s| is| was| may be| can be| might be| seems)? "
    r"(?:also |usually |often |not |very |always |still )*"
    r"(?:(?:important|possible|likely|unlikely|common|rare|known|unknown|unclear|clear|recommended|"
    r"estimated|thought|believed|helpful|best|normal) (?:that|whether|why|how|what|when|which)|"
    r"(?:important|essential|vital|possible|common|rare|recommended|best|helpful|useful|necessary|"
    r"normal) (?:for (?:\w+ ){1,4})?to)\b|it helps to\b|when it comes to\b",
    re.IGNORECASE,
)
_NUMBER = r"(?:\s*(?:#|no\.?|number)?\s*\d+)?"
_MYTH = re.compile(
    r"\W*(?:(?:(?:a|the|one|another) )?(?:common|popular|widespread|frequent) )?"
    rf"(?:myth|misconception|misbelief|false|fiction|rumou?r|true or false)\b{_NUMBER}[\"'”’]?\s*"
    r"(?:[:.)?\u2013\u2014-]|$)",
    re.IGNORECASE,
)
_FACT = re.compile(
    rf"\W*(?:the )?(?:facts?|truth|true|reality)\b{_NUMBER}[\"'”’]?\s*(?:[:.)\u2013\u2014-]|$)",
    re.IGNORECASE,
)
_MYTH_HEADING = re.compile(r"\b(?:myths?|misconceptions?|rumou?rs?)\b", re.IGNORECASE)
_FACT_HEADING = re.compile(r"\bfacts?\b", re.IGNORECASE)
# Under such a lead-in ("Do not:", "Call a doctor if:", "Many believe:") an item alone would say
# the opposite, or say of everybody what is true of some.
_TURNS = re.compile(
    r"\b(?:not?|never|nor|neither|avoid\w*|without|cannot|stop\w*|unless|except|mistakes?|wrong\w*|"
    r"false\w*|untrue|incorrect\w*|myths?|misconceptions?|rumou?rs?|believed?|beliefs?|claim\w*|"
    r"worse\w*|harm\w*|aggravat\w*|danger\w*|if|when)\b|n['’]t\b",
    re.IGNORECASE,
)
# The same of a heading, which is not quoted: "What not to do", "Don'ts", "Things to avoid".
_FORBIDS = re.compile(
    r"\b(?:don['’]?ts?|do not|not to|never|mistakes?|avoid(?:ing)?)\b", re.IGNORECASE
)
# What tells the reader to look elsewhere answers nothing …
_POINTER = re.compile(
    r"(?:see|click|tap|visit|read|refer to|watch|view|listen to|"
    r"(?:to )?(?:learn|find out|know) more|"
    r"for (?:more|further|additional) (?:information|details?|help|advice|resources|tips|about|on)|"
    r"to find (?:more|further|additional|an?|your)|"
    r"(?:more|further|additional|related) (?:information|topics|articles|reading)|"
    r"copyright|last (?:updated|reviewed)|these resources|"
    r"this (?:article|page|guide|leaflet|fact ?sheet|video|website)|"
    r"the following (?:resources|organi[sz]ations|links|images|tables?))\b|"
    r"(?:source|reference)s?\s*(?:[:(\u2013\u2014-]|$)",
    re.IGNORECASE,
)
# … but "see a doctor" and "watch for fever" do.
_ADVICE = re.compile(
    r"(?:see|visit) (?:[\w-]+ ){0,4}?(?:doctors?|gp|physician|nurse|dentist|pharmacist|surgeon|"
    r"specialist|therapist|physiotherapist|midwife|optician|clinician|provider|professional|"
    r"counsell?or|psychologist|\w+(?:ologist|iatrist)|clinic|hospital|emergency|urgent care)\b|"
    r"watch (?:for|out|your)\b|listen to your\b|"
    r"read (?:the|all|any) (?:\w+ )?(?:labels?|leaflets?|instructions|package)\b",
    re.IGNORECASE,
)
# Lines about the page that stand in the middle of a text.
_ABOUT_PAGE = re.compile(
    r"\b(?:updated by|review(?:ed)? (?:provided )?by|editorial team|refine (?:the|your) search|"
    r"look up (?:the |these )?(?:definitions?|words?|terms?)|"
    # What is not quoted with it: a table, a picture.
    r"(?:tables?|charts?|figures?|lists?|images?|pictures?|videos?|boxe?s?|diagrams?|links?) "
    r"(?:below|above)|(?:below|following) (?:table|chart|figure|image|picture|video|diagram)s?|"
    r"provides? the following list)\b",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*[-•*·>–—]\s")
_ADDRESS = re.compile(
    r"https?://|www\.|\S+@\S+\.\S+|1-8\d\d-|\b[\w-]+\.(?:com|org|net|gov|edu|co\.uk|nhs\.uk)\b"
)
# What ends a sentence in any of the scripts that put an end mark, and what may stand after it.
FULL_STOPS = ".!?。！？｡…।۔؟։።"
CLOSERS = r"(?:\s*[\"'”’»)\]」』）】》])*"
_TERMINAL = re.compile(rf"[{FULL_STOPS}]{CLOSERS}(?:\s*\[\d[\d,–\- ]*\])?$")
_QUESTION = re.compile(rf"[?？؟]{CLOSERS}$")
_LEAD_IN = re.compile(r"[:：]$")

_FEWEST_WORDS = 4
# So many percentages in one sentence are a table that lost its lines.
_TABLE_SHARES = 5


def stands(text: str) -> bool:
    """Whether a sentence is whole, long enough, and says something itself."""
    return (
        is_ended(text)
        and len(words(text)) >= _FEWEST_WORDS
        and answers(text)
        and _BULLET.match(text) is None
    )


def answers(text: str) -> bool:
    """Whether a sentence says something: it neither asks nor sends the reader elsewhere."""
    return (
        _QUESTION.search(text) is None
        and (_POINTER.match(text) is None or _ADVICE.match(text) is not None)
        and _ADDRESS.search(text) is None
        and _ABOUT_PAGE.search(text) is None
        and text.count("%") < _TABLE_SHARES
    )


def points_back(text: str) -> bool:
    """Whether a sentence needs the one before it; a very short one answers that."""
    start = text.lstrip("\"'“‘(")
    if _POINTS_BACK.match(start) is not None:
        return _POINTS_NOWHERE.match(start) is None
    return len(words(text)) < _FEWEST_WORDS and not leads_in(text)


def is_ended(text: str) -> bool:
    """Whether a sentence ends as one, unlike an item of a list without a full stop."""
    return _TERMINAL.search(text) is not None


def leads_in(text: str) -> bool:
    """Whether a sentence opens a list."""
    return _LEAD_IN.search(text) is not None


def turns(text: str) -> bool:
    """Whether what follows a lead-in could mean the opposite without it."""
    return _TURNS.search(text) is not None


def forbids(heading: str) -> bool:
    """Whether a heading says that what stands under it is not to be done."""
    return _FORBIDS.search(heading) is not None


def names_myth(text: str) -> bool:
    """Whether a sentence begins by calling itself untrue."""
    return _MYTH.match(text) is not None


def names_fact(text: str) -> bool:
    """Whether a sentence begins by calling itself true, which ends a myth."""
    return _FACT.match(text) is not None


def is_about_myths(heading: str) -> bool:
    """Whether a heading announces what is untrue."""
    return _MYTH_HEADING.search(heading) is not None


def is_about_facts(heading: str) -> bool:
    """Whether a heading announces what is true, perhaps among other things."""
    return _FACT_HEADING.search(heading) is not None
