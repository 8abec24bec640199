from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering import answer_text, load_wording
from rag.answering.amounts import names_amount
from rag.assistant import Assistant
from rag.corpus import split_sentences
from rag.embedding.onnx import OnnxEncoder
from rag.errors import ArticleNotFound, IndexMissing, ModelError
from rag.index import Library, Recipe
from rag.protocols import Encoder
from rag.safety import load_gate
from rag.settings import Settings
from rag.text import collapse, jaccard, word_set
from rag.types import (
    Answer,
    Article,
    Level,
    Mode,
    Outcome,
    Question,
    Reason,
    Role,
    Status,
    Suggestion,
    Turn,
)
from tests.making import Corpus, make_article, make_indexer, reading, update

SCIATICA = replace(
    make_article(
        "sciatica",
        "Sciatica usually gets better within four to six weeks without surgery. Some people have "
        "pain for longer. However, fewer than one in ten still need help after a year.",
        "Walking a little every day eases sciatica more than lying in bed. A heat pack on the "
        "lower back relaxes tight muscles. Painkillers such as ibuprofen help some people.",
        title="How long does sciatica last?",
        headings=["", "What helps against sciatica?"],
    ),
    url="https://news.example/sciatica",
)
STENOSIS = make_article(
    "stenosis",
    "Spinal stenosis cannot be cured completely, but treatment can control its symptoms. The "
    "narrowing of the spinal canal is mostly caused by wear. Surgery can widen the canal when "
    "walking becomes difficult.",
    title="Can spinal stenosis be cured?",
)
STENOSIS_AGAIN = make_article(
    "stenosis-again",
    "Spinal stenosis cannot be completely cured, but treatment can control the symptoms. Surgery "
    "can widen the canal when walking becomes too difficult. Exercises keep the back supple.",
    title="Is there a cure for spinal stenosis?",
)
WRIST = make_article(
    "wrist",
    "Carpal tunnel syndrome is pressure on a nerve in the wrist. It makes the thumb and fingers "
    "tingle at night. A splint that keeps the wrist straight at night often eases carpal tunnel "
    "syndrome.",
    title="What is carpal tunnel syndrome?",
)
MIGRAINE = make_article(
    "migraine",
    "A migraine is a throbbing headache, often with nausea. Most migraine attacks last from four "
    "hours to three days. Rest in a dark room eases a migraine attack. Triptans can stop a "
    "migraine attack if they are taken early.",
    title="How long does a migraine attack last?",
)
ARTICLES = (SCIATICA, STENOSIS, STENOSIS_AGAIN, WRIST, MIGRAINE)
EMERGENCY = "I have crushing chest pain spreading to my left arm and I can't breathe"
CRISIS = "I want to kill myself tonight"
MOST = 3

Publish = Callable[..., int]


def publisher(index: Path, encoder: OnnxEncoder) -> Publish:
    """What makes an index hold exactly these articles, and returns its generation."""

    def publish(*articles: Article) -> int:
        corpus = Corpus()
        corpus.put(*articles)
        return update(make_indexer(index, corpus, lambda: encoder), allow_withdraw=True).generation

    return publish


def assistant_over(index: Path, encoder: Callable[[Recipe], Encoder]) -> Assistant:
    return Assistant(
        gate=load_gate(),
        library=Library(index, lambda _: None),
        encoder=encoder,
        wording=load_wording("en"),
        settings=Settings(index=index, max_sentences=MOST),
    )


def broken(_: Recipe) -> Encoder:
    raise ModelError("The encoder is missing. Run `rag index`.")


@pytest.fixture(scope="module")
def shared_index(tmp_path_factory: pytest.TempPathFactory, encoder: OnnxEncoder) -> Path:
    """An index of the articles above, not to be changed."""
    index = tmp_path_factory.mktemp("index")
    publisher(index, encoder)(*ARTICLES)
    return index


@pytest.fixture(scope="module")
def assistant(shared_index: Path, encoder: OnnxEncoder) -> Assistant:
    return assistant_over(shared_index, lambda _: encoder)


@pytest.fixture
def publish(tmp_path: Path, encoder: OnnxEncoder) -> Publish:
    return publisher(tmp_path, encoder)


@pytest.fixture
def fresh(tmp_path: Path, encoder: OnnxEncoder) -> Assistant:
    """An assistant over the index that `publish` writes to."""
    return assistant_over(tmp_path, lambda _: encoder)


@pytest.fixture(params=["without an index", "without an encoder"])
def crippled(
    request: pytest.FixtureRequest, tmp_path: Path, shared_index: Path, encoder: OnnxEncoder
) -> Assistant:
    """An assistant that can answer nothing from articles."""
    if request.param == "without an index":
        return assistant_over(tmp_path / "missing", lambda _: encoder)
    return assistant_over(shared_index, broken)


def ask(assistant: Assistant, message: str) -> Answer:
    return assistant.answer(Question(message))


# Safety first


def test_an_ordinary_question_needs_index_and_encoder(crippled: Assistant) -> None:
    with pytest.raises((IndexMissing, ModelError), match="rag index"):
        ask(crippled, "How long does sciatica last?")


@pytest.mark.parametrize(
    ("message", "level", "outcome"),
    [
        (EMERGENCY, Level.EMERGENCY, Outcome.EMERGENCY),
        (CRISIS, Level.CRISIS, Outcome.CRISIS),
    ],
)
def test_a_card_needs_neither_index_nor_encoder(
    crippled: Assistant, message: str, level: Level, outcome: Outcome
) -> None:
    answer = ask(crippled, message)

    assert (outcome, level) == (answer.outcome, answer.safety.level)
    assert answer.safety.notice
    assert answer.safety.notice == answer.text
    assert answer.safety.contacts
    assert ((), (), (), None, None) == (
        answer.statements,
        answer.citations,
        answer.suggestions,
        answer.reason,
        answer.generation,
    )


def test_beside_an_emergency_card_stands_the_article_that_editors_chose_if_it_is_live(
    assistant: Assistant, crippled: Assistant
) -> None:
    table = load_gate()
    chosen = replace(table.cards, articles={"breathing": "sciatica"})
    told = replace(assistant, gate=replace(table, cards=chosen))
    linked = ask(told, "I can't breathe")
    assert ["sciatica"] == [item.article_id for item in linked.suggestions]
    assert linked.text == linked.safety.notice
    missing = replace(table.cards, articles={"breathing": "nowhere"})
    answer = ask(replace(assistant, gate=replace(table, cards=missing)), "I can't breathe")
    assert (Outcome.EMERGENCY, ()) == (answer.outcome, answer.suggestions)
    answer = ask(replace(crippled, gate=replace(table, cards=chosen)), "I can't breathe")
    assert Outcome.EMERGENCY is answer.outcome


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Should I stop my sertraline?", Reason.STOP_MEDICATION),
        ("How many ibuprofen tablets can I take for my sciatica?", Reason.PERSONAL_DOSING),
    ],
)
def test_what_asks_for_a_decision_about_one_person_is_limited(
    assistant: Assistant, message: str, reason: Reason
) -> None:
    answer = ask(assistant, message)
    assert (Outcome.LIMITED, reason) == (answer.outcome, answer.reason)
    assert answer.text.startswith(assistant.wording.reason(reason, "en"))
    assert not any(names_amount(statement.text) for statement in answer.statements)
    assert message not in answer.text


@pytest.mark.parametrize("message", [EMERGENCY, CRISIS])
def test_a_card_comes_before_what_the_articles_say(assistant: Assistant, message: str) -> None:
    answer = ask(assistant, f"How long does sciatica last? {message}")

    assert answer.text == answer.safety.notice
    assert () == answer.citations


def test_a_card_is_due_for_what_the_reader_said_before_and_not_for_what_we_said(
    assistant: Assistant,
) -> None:
    message = "How long does sciatica last?"
    said = {
        role: assistant.answer(Question(message, history=(Turn(role, EMERGENCY),))).outcome
        for role in Role
    }

    assert {Role.USER: Outcome.EMERGENCY, Role.ASSISTANT: Outcome.ANSWERED} == said


def test_an_emergency_in_another_language_gets_its_card(crippled: Assistant) -> None:
    answer = ask(crippled, "我胸口像被石头压住一样疼，左胳膊发麻，一直冒冷汗")

    assert Outcome.EMERGENCY is answer.outcome


def test_the_verdict_is_there_with_every_answer(assistant: Assistant) -> None:
    for message in (EMERGENCY, "hello", "How long does sciatica last?", "Who won the cup?"):
        assert assistant.safety(Question(message)) == ask(assistant, message).safety


# Small talk and other languages


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Hello!", Reason.SMALL_TALK),
        ("thank you", Reason.SMALL_TALK),
        ("¿Cuánto dura la ciática?", Reason.LANGUAGE),
        ("坐骨神经痛会持续多久？", Reason.LANGUAGE),
    ],
)
def test_small_talk_and_other_languages_need_no_index(
    crippled: Assistant, message: str, reason: Reason
) -> None:
    answer = ask(crippled, message)

    assert (Outcome.ABSTAINED, reason) == (answer.outcome, answer.reason)
    assert load_wording("en").reason(reason, "en") == answer.text
    assert ((), (), None) == (answer.statements, answer.citations, answer.generation)


# Abstention

UNRELATED = ["What is the capital of France?", "Who wrote Hamlet?", "best recipe for apple pie"]


@pytest.mark.parametrize("message", UNRELATED)
def test_what_no_article_is_about_is_not_answered(assistant: Assistant, message: str) -> None:
    answer = ask(assistant, message)

    assert (Outcome.ABSTAINED, Reason.NO_ARTICLE) == (answer.outcome, answer.reason)
    assert load_wording("en").reason(Reason.NO_ARTICLE, "en") == answer.text
    assert ((), (), (), 1) == (
        answer.statements,
        answer.citations,
        answer.suggestions,
        answer.generation,
    )


def test_where_articles_only_touch_on_it_they_are_suggested(assistant: Assistant) -> None:
    answer = ask(assistant, "Does my health insurance pay for the taxi to a sciatica nerve clinic?")

    assert (Outcome.ABSTAINED, Reason.WEAK_EVIDENCE) == (answer.outcome, answer.reason)
    assert load_wording("en").reason(Reason.WEAK_EVIDENCE, "en") == answer.text
    nearest = Suggestion("article", SCIATICA.title, "sciatica", "https://news.example/sciatica")
    assert nearest == answer.suggestions[0]
    assert len(answer.suggestions) == len({found.article_id for found in answer.suggestions}) <= 3
    assert () == answer.citations


@pytest.mark.parametrize(
    "message", [*UNRELATED, "How long does sciatica last?", "What is carpal tunnel syndrome?"]
)
def test_unrelated_articles_do_not_change_whether_it_is_answered(
    fresh: Assistant, publish: Publish, message: str
) -> None:
    subjects = ["bread", "rain", "chess", "tin", "opera", "roads", "wool", "glass", "rivers"]
    others = [
        make_article(f"a-{name}", f"All about {name} stands in this text.", title=f"On {name}")
        for name in subjects
    ]
    publish(SCIATICA, WRIST)
    alone = ask(fresh, message)
    publish(*others, SCIATICA, WRIST)
    among = ask(fresh, message)

    assert (1, 2) == (alone.generation, among.generation)
    assert (alone.outcome, alone.reason) == (among.outcome, among.reason)
    assert alone.citations == among.citations


# Answers


@pytest.mark.parametrize("article", [SCIATICA, WRIST, MIGRAINE], ids=lambda article: article.id)
def test_the_question_of_a_title_is_answered_from_its_article_first(
    assistant: Assistant, article: Article
) -> None:
    answer = ask(assistant, article.title)

    assert (Outcome.ANSWERED, None, 1) == (answer.outcome, answer.reason, answer.generation)
    assert article == answer.citations[0].article
    assert () == answer.suggestions


SUBJECTS = ["sciatica", "spinal stenosis", "carpal tunnel syndrome", "a migraine", "the wrist"]
FORMS = [
    "What is {}?",
    "What helps against {}?",
    "Can {} be cured?",
    "How long does {} last",
    "does surgery help {}",
    "why do I have {}?",
    "{}",
]
GENERATED = [form.format(subject) for form, subject in product(FORMS, SUBJECTS)]


def test_most_generated_questions_are_answered(assistant: Assistant) -> None:
    """So that what follows is about answers."""
    outcomes = [ask(assistant, message).outcome for message in GENERATED]

    assert outcomes.count(Outcome.ANSWERED) > len(GENERATED) / 2


WORDS = sorted({word for article in ARTICLES for word in word_set(article.text)})
MESSAGES = st.one_of(
    st.sampled_from(GENERATED),
    st.builds(
        lambda message, drawn: f"{message} {' '.join(drawn)}",
        st.sampled_from(GENERATED),
        st.lists(st.sampled_from(WORDS), max_size=6),
    ),
)


@settings(deadline=None, max_examples=80)
@given(MESSAGES, st.integers(1, 6))
def test_an_answer_is_some_true_quotes_that_do_not_repeat_one_another(
    assistant: Assistant, message: str, most: int
) -> None:
    answer = ask(replace(assistant, settings=Settings(max_sentences=most)), message)
    texts = [statement.text for statement in answer.statements]
    by_number = {cited.number: cited for cited in answer.citations}

    assert (answer.outcome is Outcome.ANSWERED) == bool(answer.statements)
    sentences = sum(len(split_sentences(cited.quote)) for cited in answer.citations)
    assert sentences <= most
    for cited in answer.citations:
        assert cited.quote == cited.article.text[cited.start : cited.end]
        assert cited.article in ARTICLES
    for statement in answer.statements:
        quotes = [collapse(by_number[number].quote) for number in statement.citations]
        assert statement.text == " ".join(quotes)
        assert quotes
    first_use = dict.fromkeys(n for found in answer.statements for n in found.citations)
    assert [cited.number for cited in answer.citations] == list(first_use)
    assert list(first_use) == list(range(1, len(first_use) + 1))
    for one, other in combinations(texts, 2):
        assert jaccard(word_set(one), word_set(other)) < 0.6
    assert not answer.statements or answer_text(answer.statements) == answer.text


def test_two_articles_that_say_the_same_are_quoted_once(assistant: Assistant) -> None:
    answer = ask(assistant, "Can spinal stenosis be completely cured?")

    assert {STENOSIS, STENOSIS_AGAIN} >= {answer.citations[0].article}
    assert 1 == sum("completely" in statement.text for statement in answer.statements)


def test_equal_questions_get_equal_answers_under_ids_of_their_own(assistant: Assistant) -> None:
    one, other = (ask(assistant, "How long does sciatica last?") for _ in range(2))

    assert replace(one, id=other.id) == other
    assert one.id != other.id
    assert one.id.startswith("ans_")


@pytest.mark.parametrize(
    "message", [EMERGENCY, CRISIS, "hello", "Who wrote Hamlet?", "How long does sciatica last?"]
)
@pytest.mark.parametrize("name", [None, "c-1", ""])
def test_the_name_of_the_conversation_is_handed_back(
    assistant: Assistant, message: str, name: str | None
) -> None:
    assert name == assistant.answer(Question(message, conversation_id=name)).conversation_id


def test_locales_choose_the_fixed_texts_and_never_the_quotes(assistant: Assistant) -> None:
    locales = {"es-MX": "es", "zh-Hans-CN": "zh", "pl": "en", None: "en"}
    quotes = set()
    for wanted, expected in locales.items():
        answers = [
            assistant.answer(Question(message, locale=wanted))
            for message in ("How long does sciatica last?", "Who wrote Hamlet?", EMERGENCY)
        ]
        wording = load_wording("en")
        assert {wording.disclaimer(expected)} == {answer.disclaimer for answer in answers}
        assert wording.reason(Reason.NO_ARTICLE, expected) == answers[1].text
        quotes.add(answers[0].text)

    assert 1 == len(quotes)


def test_an_emergency_is_told_in_the_language_of_the_reader(assistant: Assistant) -> None:
    notices = [
        assistant.answer(Question(EMERGENCY, locale=locale)).text for locale in ("en", "es", "zh")
    ]

    assert 3 == len(set(notices))
    assert "emergencia" in notices[1].lower()
    assert "急" in notices[2]


def test_the_country_chooses_the_numbers(assistant: Assistant) -> None:
    numbers = {
        country: {
            contact.number
            for contact in assistant.answer(Question(EMERGENCY, country=country)).safety.contacts
        }
        for country in ("US", "GB")
    }

    assert "911" in numbers["US"]
    assert "999" in numbers["GB"]
    assert "911" not in numbers["GB"]


def test_the_country_of_the_site_counts_where_the_reader_names_none(assistant: Assistant) -> None:
    site = replace(assistant, settings=replace(assistant.settings, country="GB"))

    assert site.safety(Question(EMERGENCY, country="GB")) == site.safety(Question(EMERGENCY))
    assert site.safety(Question(EMERGENCY, country="US")) != site.safety(Question(EMERGENCY))


# While editors work


def test_a_withdrawn_article_is_not_cited_from_the_next_question_on(
    fresh: Assistant, publish: Publish
) -> None:
    publish(SCIATICA, WRIST)
    assert {"sciatica"} == cited_in(ask(fresh, SCIATICA.title))

    publish(WRIST)
    answer = ask(fresh, SCIATICA.title)
    assert (Outcome.ABSTAINED, 2) == (answer.outcome, answer.generation)
    assert "sciatica" not in {found.article_id for found in answer.suggestions}

    publish(SCIATICA, WRIST)
    answer = ask(fresh, SCIATICA.title)
    assert ({"sciatica"}, 3) == (cited_in(answer), answer.generation)


def cited_in(answer: Answer) -> set[str]:
    return {cited.article.id for cited in answer.citations}


def test_a_corrected_article_is_quoted_as_corrected_from_the_next_question_on(
    fresh: Assistant, publish: Publish
) -> None:
    corrected = make_article(
        "sciatica",
        "Sciatica usually gets better within eight to ten weeks without surgery.",
        title=SCIATICA.title,
    )
    publish(SCIATICA)
    before = ask(fresh, SCIATICA.title)
    publish(corrected)
    after = ask(fresh, SCIATICA.title)

    assert (1, 2) == (before.generation, after.generation)
    assert "four to six weeks" in before.text
    assert "four to six weeks" not in after.text
    assert {corrected} == {cited.article for cited in after.citations}


def edition(number: int) -> tuple[Article, ...]:
    """Two articles that answer a question together, and whose sentences name the edition."""
    return (
        make_article(
            "sciatica",
            f"Sciatica hurts along the back of one leg, says edition {number}.",
            title="Sciatica and carpal tunnel syndrome",
        ),
        make_article(
            "wrist",
            f"Edition {number} tells where carpal tunnel syndrome hurts: in the thumb and fingers.",
            title="Carpal tunnel syndrome and sciatica",
        ),
    )


def test_answers_are_of_one_generation_each_while_articles_are_published(
    fresh: Assistant, publish: Publish
) -> None:
    editions = {publish(*edition(1)): edition(1)}
    answers: list[Answer] = []
    done = threading.Event()

    def keep_asking() -> None:
        while not done.is_set():
            answers.append(ask(fresh, "Sciatica and carpal tunnel syndrome"))

    with ThreadPoolExecutor(2) as readers:
        asking = [readers.submit(keep_asking) for _ in range(2)]
        try:
            for number in range(2, 7):
                editions[publish(*edition(number))] = edition(number)
                wait_for_more(answers, 4)
        finally:
            done.set()
        for reader in asking:
            reader.result()

    assert {1, 2, 3, 4, 5, 6} == set(editions)
    assert {2, 3, 4, 5, 6} <= {answer.generation for answer in answers}
    assert 2 in {len(cited_in(answer)) for answer in answers}
    for answer in answers:
        assert answer.generation is not None
        assert answer.citations
        assert {cited.article for cited in answer.citations} <= set(editions[answer.generation])


def wait_for_more(answers: list[Answer], more: int) -> None:
    """Wait until so many more answers have been given."""
    enough, until = len(answers) + more, time.monotonic() + 30
    while len(answers) < enough and time.monotonic() < until:
        time.sleep(0.005)
    assert len(answers) >= enough


# What else an assistant is asked for


@pytest.mark.parametrize("mode", Mode)
def test_a_search_has_the_best_passages_with_their_text(assistant: Assistant, mode: Mode) -> None:
    results = assistant.search("carpal tunnel splint", 2, mode)
    best = results.found[0]
    passage = best.hit.passage

    assert 1 == results.generation
    assert WRIST == best.article
    assert WRIST.text[passage.start : passage.end] == best.text
    assert len(results.found) <= 2
    scores = [found.hit.score for found in results.found]
    assert sorted(scores, reverse=True) == scores


def test_articles_are_listed_and_shown(assistant: Assistant) -> None:
    listed = assistant.articles(None, 2)
    rest = assistant.articles(listed.next, 10)

    assert ["migraine", "sciatica"] == [found.article_id for found in listed.articles]
    assert ["stenosis", "stenosis-again", "wrist"] == [found.article_id for found in rest.articles]
    shown = assistant.article("sciatica")
    assert (SCIATICA, Status.LIVE) == (shown.article, shown.status)
    with pytest.raises(ArticleNotFound, match="zebra"):
        assistant.article("zebra")


def test_an_assistant_is_ready_once_index_and_encoder_are_there(
    assistant: Assistant, crippled: Assistant
) -> None:
    assert 1 == assistant.check_ready()
    with pytest.raises((IndexMissing, ModelError)):
        crippled.check_ready()


def test_the_index_of_these_tests_was_not_changed(assistant: Assistant, shared_index: Path) -> None:
    with reading(shared_index) as opened:
        assert {article.id for article in ARTICLES} == set(opened.article_ids().values())
