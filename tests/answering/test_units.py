from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.units import find_units
from rag.types import Span
from tests.answering.passages import article_of, passage_of, quotable, stored, unit_texts

REST = "Rest eases the pain of a strained back."
WALK = "Most people can walk again after two days."


def test_a_sentence_that_stands_alone_is_quoted_alone() -> None:
    assert quotable(REST, WALK) == [REST, WALK]


@pytest.mark.parametrize(
    "pointing",
    [
        "However, lying down for days weakens muscles.",
        "But lying down for days weakens muscles.",
        "This weakens the muscles of the back.",
        "These muscles then hurt even more.",
        "It usually goes away within six weeks.",
        "It is also common in older adults.",
        "It is likely to come back.",
        "It is thought to be inherited.",
        "It's rare before the age of fifty.",
        "They should not be taken with alcohol.",
        "Such treatment is only for severe cases.",
        "In addition, heat can help the muscles.",
        "For example, walking on flat ground helps.",
        "In this case, surgery is needed soon.",
        "Conversely, cold makes the muscles stiff.",
        "Additionally, a warm bath may help.",
        "Therefore, doctors advise against it.",
        "After that, the pain comes back.",
        "Without it, the bone heals badly.",
        "Because of this, scans are rarely needed.",
        "If it does not improve, see a doctor.",
        "When this happens, stop the exercise.",
        "Many of them need no treatment at all.",
        "Each of these can press on the nerve.",
        "Secondly, the disc loses its water.",
        "If not, an operation is the next step.",
        "Yes, most people get better without surgery.",
        "No, exercise does not damage the disc.",
        "\u201cThis makes the joint stiff,\u201d doctors say.",
        "(It rarely lasts longer than a month.)",
        "\u2018It rarely lasts longer than a month.\u2019",
    ],
)
def test_a_sentence_that_points_back_is_never_quoted_without_the_one_before(pointing: str) -> None:
    assert quotable(REST, pointing) == [REST, f"{REST} {pointing}"]


@pytest.mark.parametrize(
    "standing",
    [
        "It is important to keep moving.",
        "It is not known why some people never recover.",
        "It's best to sleep on your side.",
        "It is possible that a disc is the cause.",
        "It is common for older people to lose height.",
        "When it comes to sciatica, walking helps most.",
        "No exercise can guarantee that pain stays away.",
        "If you smoke, the bone heals more slowly.",
        "Thisbe's sign is rarely looked for now.",
    ],
)
def test_a_sentence_that_points_nowhere_is_quoted_alone(standing: str) -> None:
    assert quotable(REST, standing) == [REST, standing]


def test_a_sentence_may_point_back_twice_but_no_farther() -> None:
    second = "However, lying down for days weakens muscles."
    third = "This makes the next strain more likely."
    fourth = "These strains then take longer to heal."

    assert quotable(REST, second, third, fourth) == [
        REST,
        f"{REST} {second}",
        f"{REST} {second} {third}",
    ]


def test_a_sentence_that_points_back_takes_the_end_of_the_passage_before() -> None:
    pointing = "However, lying down for days weakens muscles."

    assert quotable(REST, pointing, before=1) == [f"{REST} {pointing}"]


def test_what_points_back_to_a_sentence_that_was_not_read_is_not_quoted() -> None:
    """The passage before begins in the middle of the section, with a sentence that points back."""
    second = "However, lying down for days weakens muscles."
    third = "This makes the next strain more likely."

    assert quotable(REST, second, third, unread=1, before=1) == []


def test_the_first_sentence_of_a_section_may_point_to_its_heading() -> None:
    pointing = "These muscles hold the spine upright."

    assert quotable(pointing, heading="The muscles of the back") == [pointing]


def test_what_points_back_to_a_question_or_a_pointer_is_not_quoted() -> None:
    pointing = "It usually goes away within six weeks."

    assert quotable("How long does the pain last?", pointing) == []
    assert quotable("Click on the picture to learn more.", pointing) == []
    assert quotable("The pain is shown at www.back.example in a film.", pointing) == []


def test_a_short_reply_is_not_quoted_without_what_it_replies_to() -> None:
    question, pointing = "Can a slipped disc heal?", "It usually shrinks over some months."

    assert quotable(question, "Not always.", pointing) == []
    assert quotable(question, "No.", WALK, pointing) == [WALK, f"{WALK} {pointing}"]


LEAD = "These steps may ease the pain:"
ITEMS = ("\n\nGo for short walks", "\nUse a heat pack", "\nSleep on your side")


def test_a_lead_in_and_its_list_are_quoted_together() -> None:
    assert quotable(LEAD, *ITEMS) == [
        f"{LEAD}\n\nGo for short walks\nUse a heat pack\nSleep on your side"
    ]


def test_a_lead_in_is_never_quoted_without_a_list() -> None:
    assert quotable(REST, LEAD) == [REST]
    assert quotable(LEAD, "\n\nMore help is here:", "\n\nWhat else can be done?") == []


def test_a_list_and_its_lead_in_count_as_one_sentence() -> None:
    assert [unit.size for unit in find_units(0, stored(LEAD, *ITEMS))] == [1]


def test_items_that_are_sentences_count_as_such() -> None:
    full = [f"\nStep {n} of the plan is to walk." for n in range(1, 9)]
    units = find_units(0, stored(LEAD, *full))
    whole = units[0]

    assert whole.core == 0
    assert whole.size == 4
    assert len([unit for unit in units if unit.core]) == len(full)


def test_a_list_goes_no_further_than_what_is_no_item() -> None:
    walks = "\n\nGo for short walks every day."

    for end in (
        "\nVisit www.back.example for a plan.",
        "\nClick here for all of them.",
        "\nWhat else can you do?",
    ):
        assert quotable(LEAD, walks, end)[0] == f"{LEAD}{walks}"


def test_items_without_a_full_stop_are_not_quoted_without_their_lead_in() -> None:
    assert quotable(*ITEMS) == []


@pytest.mark.parametrize(
    "lead",
    [
        "Until the cast is off, do not:",
        "Don\u2019t do any of these things:",
        "Avoid the following:",
        "Common mistakes are:",
        "Many people wrongly believe the following:",
        "You should never try these at home:",
        "These make the pain worse:",
        "Call an ambulance if:",
        "Stop the exercise when:",
    ],
)
def test_an_item_is_not_quoted_without_a_lead_in_that_turns_its_meaning(lead: str) -> None:
    first, second = "Take two tablets before bed.", "Lie in bed for several days."
    quotes = quotable(f"{lead}", f"\n\n{first}", f"\n{second}", f"\n\n{REST}")

    assert quotes == [
        f"{lead}\n\n{first}\n{second}\n\n{REST}",
        f"{lead}\n\n{first}",
        f"{lead}\n\n{first}\n{second}",
        REST,
    ]


def test_an_item_in_the_next_passage_keeps_the_lead_in_that_turns_its_meaning() -> None:
    lead, item = "Until the cast is off, do not:", "Take a bath or a long shower."

    assert quotable(lead, f"\n{item}", before=1) == [f"{lead}\n{item}"]


def test_an_item_of_a_list_that_says_what_to_do_is_quoted_alone() -> None:
    item = "Go for short walks every day."

    assert quotable(LEAD, f"\n\n{item}")[1] == item


@pytest.mark.parametrize(
    "heading", ["What not to do", "Don'ts after surgery", "Things to avoid", "Common mistakes"]
)
def test_under_a_heading_that_forbids_only_sentences_that_say_so_are_quoted(heading: str) -> None:
    forbidding = "Do not lift anything heavy for a week."

    assert quotable("Take a hot bath on the first day.", forbidding, heading=heading) == [
        forbidding
    ]


@pytest.mark.parametrize(
    "question",
    [
        "How long does the pain last?",
        "Is it \u201cjust\u201d a strained back?\u201d",
        "疼痛会持续多久？",
    ],
)
def test_questions_are_never_quoted(question: str) -> None:
    assert quotable(question) == []


@pytest.mark.parametrize(
    "pointer",
    [
        "See also our page about the knee.",
        "See the table below for all doses.",
        "Click here to read the whole story.",
        "Visit our website for a list of clinics.",
        "Learn more about how the back is built.",
        "For more information, ask our team.",
        "Read more about exercises for the back.",
        "To find a clinic near you, use the map.",
        "More information is on the next page.",
        "Source: the journal of back pain, 2019.",
        "Related articles are listed at the end.",
        "This article explains how the back is built.",
        "Write to help@clinic.example with your questions.",
        "The plan is on www.clinic.example for all to read.",
        "Everything else is at https://clinic.example/back today.",
        "Exercises for the back are on backcare.org for free.",
        "Call 1-800-555-0100 to reach the help line.",
    ],
)
def test_what_sends_the_reader_elsewhere_is_never_quoted(pointer: str) -> None:
    assert quotable(pointer) == []


@pytest.mark.parametrize(
    "advice",
    [
        "See a doctor at once if you cannot feel your legs.",
        "See your family doctor after two weeks.",
        "Visit the emergency department if your foot drops.",
        "Watch for fever in the first days after surgery.",
        "Listen to your body and rest when it hurts.",
        "Read the label before you take any painkiller.",
        "For more than nine in ten people the pain goes away.",
        "To find the cause, a doctor tests your reflexes.",
        "Call 911 or your local emergency number.",
    ],
)
def test_advice_that_sounds_like_a_pointer_is_quoted(advice: str) -> None:
    assert quotable(advice) == [advice]


UNTRUE = "Bed rest is the best cure for back pain."


@pytest.mark.parametrize(
    "myth",
    [
        f"Myth: {UNTRUE}",
        f"MYTH 1: {UNTRUE}",
        f"Myth 1 \u2013 {UNTRUE}",
        f"Myth #3: {UNTRUE}",
        f"Myth No. 2: {UNTRUE}",
        f"Myth 2) {UNTRUE}",
        f"Myth \u2014 {UNTRUE}",
        f"\u201cMyth\u201d: {UNTRUE}",
        f"Common myth: {UNTRUE}",
        f"A common misconception: {UNTRUE}",
        f"Misconception: {UNTRUE}",
        f"Fiction: {UNTRUE}",
        f"Rumor: {UNTRUE}",
        f"Rumour: {UNTRUE}",
        f"False: {UNTRUE}",
        f"True or false: {UNTRUE}",
    ],
)
def test_a_myth_is_never_quoted_without_its_fact(myth: str) -> None:
    fact = "Fact: Walking is better for the back than bed rest."

    assert quotable(myth) == []
    assert quotable(myth, fact) == [fact]
    assert quotable(myth, "Many people still say so today.", fact) == [fact]


@pytest.mark.parametrize("mark", ["Myth", "Myth 1", "MYTH", "Myth.", "Myth:"])
def test_a_myth_in_a_line_of_its_own_counts(mark: str) -> None:
    fact = "Walking is better for the back than bed rest."

    assert quotable(mark, f"\n{UNTRUE}", "\nFact", f"\n{fact}") == [fact]


@pytest.mark.parametrize("mark", ["Fact:", "Fact 1:", "The truth:", "Truth \u2013", "Reality:"])
def test_a_fact_ends_a_myth(mark: str) -> None:
    fact = f"{mark} Walking is better for the back."

    assert quotable(f"Myth: {UNTRUE}", fact, WALK) == [fact, WALK]


def test_a_myth_goes_on_in_the_next_passage() -> None:
    more = "Many people still say so today."

    assert quotable(f"Myth: {UNTRUE}", more, before=1) == []


def test_a_fact_that_points_back_does_not_take_a_myth_along() -> None:
    assert quotable(f"Myth: {UNTRUE}", "Fact: Rest harms.", "It makes the muscles weak.") == []


@pytest.mark.parametrize(
    "heading", ["Myths", "Common myths about back pain", "Myth 4: Bed rest", "Misconceptions"]
)
def test_under_a_heading_about_myths_nothing_is_quoted(heading: str) -> None:
    assert quotable(UNTRUE, WALK, heading=heading) == []


def test_under_myths_and_facts_only_what_is_called_a_fact_is_quoted() -> None:
    fact = "Fact: Walking is better for the back than bed rest."

    assert quotable(UNTRUE, fact, heading="Myths and facts") == [fact]


def test_a_myth_among_the_items_of_a_list_is_not_quoted() -> None:
    assert quotable("People tell one another:", f"\nMyth: {UNTRUE}") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Do not stop the tablets without asking your doctor.",
        "Do not, under any circumstances, bend the knee.",
        "Never take more than the doctor has told you.",
        "You must not drive until the cast is off; a bus is fine.",
    ],
)
def test_a_prohibition_is_quoted_whole(sentence: str) -> None:
    assert quotable(sentence) == [sentence]


def test_fragments_are_not_quoted() -> None:
    assert quotable("Heat and cold", "Too short.", "Signs of a strained back and of other") == []


SENTENCES = st.sampled_from(
    [
        REST,
        WALK,
        LEAD,
        "Avoid the following:",
        "Go for short walks",
        "However, rest weakens muscles.",
        "It usually goes away by itself.",
        "How long does it last?",
        f"Myth: {UNTRUE}",
        "Fact: Walking is better for the back.",
        "Click here for more about it.",
        "No.",
        "Do not lift anything heavy for a week.",
        "卧床休息并不是治疗背痛的好方法。",
        "A long sentence about the back " + "and the muscles around it " * 12 + "ends here.",
    ]
)
GAPS = st.sampled_from(["", "\n", "\n\n"])
PASSAGES = st.lists(st.tuples(GAPS, SENTENCES), min_size=1, max_size=12)
HEADINGS = st.sampled_from(["", "What helps", "What not to do", "Myths and facts", "Myths"])


@settings(deadline=None)
@given(PASSAGES, st.integers(0, 3), st.integers(0, 3), HEADINGS)
def test_every_unit_is_whole_neighbouring_sentences_of_its_article(
    drawn: list[tuple[str, str]], unread: int, before: int, heading: str
) -> None:
    sentences = [gap + sentence for gap, sentence in drawn]
    article, spans = article_of(sentences, heading=heading)
    first = min(unread + before, len(spans) - 1)
    earlier = spans[min(unread, first) : first]
    passage = passage_of(article, spans[first:], earlier)
    known = [*earlier, *passage.passage.sentences]

    for unit in find_units(7, passage):
        assert unit.passage == 7
        inside = [s for s in known if s.start >= unit.span.start and s.end <= unit.span.end]
        assert Span(inside[0].start, inside[-1].end) == unit.span
        assert inside == known[known.index(inside[0]) :][: len(inside)]
        assert passage.passage.sentences[unit.core] in inside
        assert 0 < unit.span.end - unit.span.start <= 600
        assert unit.size >= 1


@settings(deadline=None)
@given(PASSAGES)
def test_nothing_that_is_quoted_asks_or_points_away_or_tells_a_myth(
    drawn: list[tuple[str, str]],
) -> None:
    for quote in unit_texts(stored(*(gap + sentence for gap, sentence in drawn))):
        assert "How long" not in quote
        assert "Click here" not in quote
        assert "Myth" not in quote
        assert not quote.startswith("No.") or drawn[0][1] == "No."
        assert not quote.endswith(":")
