"""The Responses API of openai-python, against a server of its own process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from tests.scripted import CARD, DISCLAIMER, NOTICE, QUOTES

MODEL = "wellcited"


@pytest.fixture(scope="module")
def client(scripted_site: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{scripted_site}/v1", api_key="none", max_retries=0) as opened:
        yield opened


def test_an_answer(client: OpenAI) -> None:
    made = client.responses.create(model=MODEL, input="urgent pain", instructions="Never warn.")
    text = made.output_text
    assert text.startswith(f"{NOTICE}\n\n{QUOTES[0][:-1]} [1]. Walking 😀")
    assert text.endswith(f"\n\n{DISCLAIMER}")
    item: Any = made.output[0]
    (content,) = item.content
    spans = [(a.start_index, a.end_index) for a in content.annotations]
    assert ["[1]", "[2]", "[3]"] == [text[start:end] for start, end in spans]
    assert "completed" == made.status
    assert "answered" == (made.model_extra or {})["wellcited"]["outcome"]


def test_a_stream_says_the_same(client: OpenAI) -> None:
    whole = client.responses.create(model=MODEL, input="urgent pain")
    with client.responses.create(model=MODEL, input="urgent pain", stream=True) as stream:
        events: list[Any] = list(stream)
    assert list(range(len(events))) == [event.sequence_number for event in events]
    assert ("response.created", "response.completed") == (events[0].type, events[-1].type)
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert NOTICE == deltas[0]
    assert whole.output_text == "".join(deltas) == events[-1].response.output_text


def test_the_stream_helper_gathers_text_and_annotations(client: OpenAI) -> None:
    with client.responses.stream(model=MODEL, input="urgent pain") as stream:
        for _ in stream:
            pass
        made = stream.get_final_response()
    item: Any = made.output[0]
    (content,) = item.content
    assert made.output_text == content.text
    assert 3 == len(content.annotations)


def test_a_conversation(client: OpenAI) -> None:
    made = client.responses.create(
        model=MODEL,
        input=[
            {"role": "developer", "content": "Never warn."},
            {"role": "user", "content": [{"type": "input_text", "text": "crushing chest pain"}]},
            {"role": "assistant", "content": "…"},
            {"type": "function_call_output", "call_id": "x", "output": "fine"},
            {"role": "user", "content": "Does it get better?"},
        ],
        previous_response_id="resp_1",
    )
    assert f"{CARD}\n\n{DISCLAIMER}" == made.output_text


@pytest.mark.parametrize("wrong", [[], 3, " ", [{"role": "user", "content": [{"type": "x"}]}]])
def test_a_bad_request_names_its_parameter(client: OpenAI, wrong: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input=wrong)
    assert (caught.value.param or "").startswith("input")


def test_what_fails_within_a_stream_is_raised(client: OpenAI) -> None:
    stream = client.responses.create(model=MODEL, input="urgent, fails", stream=True)
    with pytest.raises(openai.APIError) as caught:
        list(stream)
    assert NOTICE in caught.value.message
