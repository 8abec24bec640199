from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.web.strict_json import parse

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NUMBERS = st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@hypothesis_settings(deadline=None, max_examples=40)
@given(st.dictionaries(TEXT, VALUES), st.booleans())
def test_every_sound_object_is_read_as_the_standard_library_reads_it(
    value: dict[str, Any], ascii_only: bool
) -> None:
    parsed = parse(json.dumps(value, ensure_ascii=ascii_only).encode())
    assert parsed.value == value
    assert parsed.problem is None


@hypothesis_settings(deadline=None)
@given(st.binary(max_size=300) | st.text('[]{}":,\\u01d8fnrtle-+.N ', max_size=300).map(str.encode))
def test_no_bytes_at_all_make_reading_raise(data: bytes) -> None:
    parsed = parse(data)
    assert isinstance(parsed.value, dict) or parsed.problem is not None


@hypothesis_settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.fixed_dictionaries({}, optional={"message": VALUES, "history": VALUES, "locale": VALUES,
                                           "country": VALUES, "filters": VALUES, "stream": VALUES,
                                           "conversation_id": VALUES}))  # fmt: skip
def test_no_object_at_all_makes_the_service_fail(
    client: FlaskClient, value: dict[str, Any]
) -> None:
    assert client.post("/v1/chat", json=value).status_code in (200, 422)


def test_a_message_is_read_although_the_body_is_refused() -> None:
    parsed = parse(b'{"message": "chest pain", "x": NaN, "x": 1}')
    assert parsed.problem is not None
    assert parsed.value == {"message": "chest pain", "x": 1}
