"""Requests made from /openapi.json, valid and invalid, and every response compared with it.

schemathesis makes the requests and compares status, content type, headers and body with the
description. Two checks are ours: of errors, that they repeat nothing of what was sent and do not
show how they came about; of streams, that each event is as described.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from flask import Flask
from jsonschema_rs import validator_for
from schemathesis import Case, CheckContext, Response
from schemathesis.engine import events, from_schema

from rag.web.headers import ALWAYS, DATA_POLICY, PAGE_POLICY, UNLESS_TOLD

# Shorter texts stand in an error's own words by chance.
_TELLING = 6
# What a valid request may meet: an article that is not there, was withdrawn, or has changed.
_FINE = ["2xx", "304", "404", "409", "410", "412"]
# No schema can say of what a text nothing is left once it is cleaned.
_REJECTABLE = {
    "include-operation-id": "put_v1_articles_article_id",
    "checks": {"positive_data_acceptance": {"expected-statuses": [*_FINE, "422"]}},
}
# Nor that one of the messages is the reader's, and is not empty.
_ASKING = [
    {
        "include-operation-id": name,
        "checks": {"positive_data_acceptance": {"expected-statuses": [*_FINE, "400", "422"]}},
    }
    for name in (
        "post_v1_chat_completions",
        "post_v1_responses",
        "post_v1_deep_chat",
        "post_api_chat",
    )
]
# Headers that every response has; schemathesis sends texts that it was given before.
_FIXED = [ALWAYS, UNLESS_TOLD, DATA_POLICY, PAGE_POLICY]
_INNARDS = ("Traceback (most recent", 'File "', ".py", "site-packages", "/rag/", "werkzeug")


@dataclass(slots=True)
class Findings:
    """What was seen: how many responses of each kind, and what was wrong, each once."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    media: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return sum(self.statuses.values())

    @property
    def server_errors(self) -> int:
        """How many of them with a status of 5xx."""
        return sum(count for status, count in self.statuses.items() if status >= 500)

    def add(self, other: Findings) -> None:
        """Count what another run has seen as well."""
        self.statuses.update(other.statuses)
        self.operations.update(other.operations)
        self.media.update(other.media)
        self.failures |= other.failures


@schemathesis.check
def error_tells_nothing(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """No error repeats a text that was sent, in its body or headers, or shows a stack."""
    if response.status_code < 400:
        return
    # A form's own page shows the reader the question to mend.
    if _media(response).startswith("text/html"):
        return
    body = response.content.decode(errors="replace")
    told = "\n".join([body, *(text for values in response.headers.values() for text in values)])
    for innards in _INNARDS:
        assert innards not in told, f"an error shows {innards!r}"
    ours = json.dumps([case.operation.schema.raw_schema, _FIXED], ensure_ascii=False)
    for text in _texts([case.body, case.query, case.path_parameters]):
        assert text in ours or text not in told, f"an error repeats {text!r}"


@schemathesis.check
def events_are_described(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """The data of every event of a stream are what the description says under `x-events`."""
    if not _media(response).startswith("text/event-stream"):
        return
    document = case.operation.schema.raw_schema
    answers = document["paths"][case.operation.path][case.operation.method]["responses"]
    described = answers[str(response.status_code)]["content"]["text/event-stream"]
    events_of = described.get("x-events")
    for frame in response.content.decode().split("\n\n") if events_of else ():
        fields = dict(line.split(": ", 1) for line in frame.splitlines() if line[:1] != ":")
        if fields:
            schema = {**events_of[fields["event"]], "components": document["components"]}
            validator_for(schema).validate(json.loads(fields["data"]))


def fuzz(source: Flask | str, examples: int, seed: int, **more: Any) -> Findings:
    """Ask an application, or the server at an address, with `examples` requests an operation.

    more: settings of schemathesis, such as `headers`.
    """
    settings = _settings(examples, seed, more)
    if isinstance(source, Flask):
        # It asks again without the token, in a way that fails in-process (schemathesis 4.32).
        settings["checks"]["ignored_auth"] = {"enabled": False}
    config = schemathesis.Config.from_dict(settings)
    schema = (
        schemathesis.openapi.from_wsgi("/openapi.json", source, config=config)
        if isinstance(source, Flask)
        else schemathesis.openapi.from_url(f"{source}/openapi.json", config=config)
    )
    findings = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished | events.FuzzScenarioFinished):
            _note(event.recorder, findings)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            value = event.value if isinstance(event, events.NonFatalError) else event.exception
            findings.failures[f"{type(value).__name__}: {value}"] = "schemathesis itself"
    return findings


def _settings(examples: int, seed: int, more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "seed": seed,
        "continue-on-failure": True,
        "checks": {
            # A withdrawn article is still shown, to editors.
            "use_after_free": {"enabled": False},
            "positive_data_acceptance": {"expected-statuses": _FINE},
        },
        "operations": [_REJECTABLE, *_ASKING],
        "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
        **more,
    }


def _note(recorder: Any, findings: Findings) -> None:
    for interaction in recorder.interactions.values():
        if interaction.response is not None:
            findings.statuses[interaction.response.status_code] += 1
            findings.media[_media(interaction.response)] += 1
            findings.operations[recorder.label] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            failure = check.failure_info and check.failure_info.failure
            if failure:
                key = f"{recorder.label}: {failure.title}: {failure.message[:300]}"
                findings.failures.setdefault(key, recorder.cases[case_id].value.as_curl_command())


def _media(response: Response) -> str:
    return (response.headers.get("content-type") or [""])[0]


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value that is long enough to be told from an error's own words."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(name)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and len(value) >= _TELLING:
        yield value
