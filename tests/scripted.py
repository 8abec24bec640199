"""A server of its own process whose answers are scripted by words of the question.

fails        the index is missing, which shows once the answer is looked for
slowly       the answer takes a second
too many     refused once with 429 and `Retry-After: 1`, then answered
always busy  refused with 503, which no client should repeat for ever
limited      a fixed sentence, then a statement
urgent       answered, below a notice
crushing chest pain  a card
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask, request

from rag.answering import answer_text
from rag.errors import IndexMissing
from rag.settings import Settings
from rag.types import Answer, Article, Level, Outcome, Question, Reason, Safety
from rag.web import create_app
from rag.web.problems import RATE_LIMITED, Problem
from tests.doubles import SCRIPTED_ARTICLE, ScriptedAssistant, answered

TEXT = (
    "Most back pain gets better within a few weeks.\n"
    "Walking 😀 helps *many* people, but see a doctor if it does not (e.g. after 6 weeks).\n"
    "[Click](javascript:alert(1)) is what a page should not say."
)
QUOTES = tuple(TEXT.split("\n"))
ARTICLE = replace(SCRIPTED_ARTICLE, text=TEXT, title="Back pain: what helps?")
# It has no address of its own, so that its citations lead to this service's page of it.
UNADDRESSED = replace(ARTICLE, id="back pain/2", url=None, title='A "title" [with] marks')
NOTICE = "Contact a doctor today."
CARD = "Call your local emergency number now."
DISCLAIMER = "General information, not medical advice."
FIXED = "This service cannot say what you should take."


class Scripted(ScriptedAssistant):
    """Says what the words of the question ask for."""

    def safety(self, question: Question) -> Safety:
        safety = super().safety(question)
        urgent = "urgent" in question.message and safety.level is Level.NONE
        return Safety(Level.URGENT, None, NOTICE) if urgent else safety

    def answer(self, question: Question, safety: Safety | None = None) -> Answer:
        said = question.message
        if "fails" in said:
            raise IndexMissing("No index in /srv/site/index.")
        if "slowly" in said:
            time.sleep(1.0)
        answer = replace(
            _answer(said),
            safety=safety or self.safety(question),
            disclaimer=self.disclaimer(question.locale),
            conversation_id=question.conversation_id,
        )
        if answer.safety.level is Level.EMERGENCY:
            gone = replace(answer, statements=(), citations=(), outcome=Outcome.EMERGENCY)
            return replace(gone, text=answer.safety.notice or "")
        return answer


def _answer(said: str) -> Answer:
    articles: list[Article] = [ARTICLE, UNADDRESSED, ARTICLE]
    parts = [
        answered(quote, article=article)(Question(said))
        for quote, article in zip(QUOTES, articles, strict=True)
    ]
    citations = tuple(replace(part.citations[0], number=n) for n, part in enumerate(parts, 1))
    statements = tuple(
        replace(part.statements[0], citations=(n,)) for n, part in enumerate(parts, 1)
    )
    text = answer_text(statements)
    whole = replace(parts[0], text=text, statements=statements, citations=citations)
    if "limited" not in said:
        return whole
    return replace(
        whole,
        outcome=Outcome.LIMITED,
        reason=Reason.PERSONAL_DOSING,
        text=f"{FIXED} {answer_text(statements[:1])}",
        statements=statements[:1],
        citations=citations[:1],
    )


def scripted_app() -> Flask:
    app = create_app(Settings(port=0, threads=4, rate_limit="off"), Scripted())
    seen: set[bytes] = set()

    @app.before_request
    def _refuse() -> None:
        data = request.get_data()
        if b"too many" in data and data not in seen:
            seen.add(data)
            detail = "That was quick: ask again in a second."
            raise Problem(RATE_LIMITED, detail, headers={"Retry-After": "1"})

    return app


@contextmanager
def serving_scripted() -> Iterator[str]:
    """Run it, and give its address."""
    program = [sys.executable, "-m", "tests.scripted"]
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        program, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            match = re.search(r"http://[\d.]+:\d+", server.stdout.readline())
            assert match, "the server did not start"
            yield match[0]
        finally:
            server.terminate()
            server.wait(timeout=30)


if __name__ == "__main__":
    from rag.web.serve import run

    run(Settings(port=0), lambda settings: scripted_app())
