from __future__ import annotations

import pytest

from rag.web.preferences import accepted_tags, choose_country, choose_locale


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ()),
        ("", ()),
        ("*", ()),
        ("en-GB", ("en-GB",)),
        ("de;q=0.5, en-GB, fr;q=0.8", ("en-GB", "fr", "de")),
        ("en, es", ("en", "es")),
        ("en;q=0, es;q=0.1", ("es",)),
    ],
)
def test_tags_come_in_the_readers_order(header: str | None, expected: tuple[str, ...]) -> None:
    assert accepted_tags(header) == expected


@pytest.mark.parametrize(
    ("wanted", "accepted", "expected"),
    [
        ("zh-Hans-CN", (), "zh"),
        ("pt-BR", (), "en"),
        ("pt-BR", ("zh",), "en"),
        (None, ("pt", "zh-TW", "en"), "zh"),
        (None, ("pt",), "en"),
        ("zh_Hant", (), "zh"),
    ],
)
def test_a_language_is_matched_by_lookup(
    wanted: str | None, accepted: tuple[str, ...], expected: str
) -> None:
    assert choose_locale(wanted, accepted, ("en", "zh"), "en") == expected


@pytest.mark.parametrize(
    ("wanted", "accepted", "default", "expected"),
    [
        ("gb", ("en-US",), "FR", "GB"),
        (None, ("en", "de-AT"), "FR", "AT"),
        (None, ("zh-Hans-CN",), None, "CN"),
        (None, ("es-419", "en"), "mx", "MX"),
        (None, ("en-x-us", "en-u-ca"), None, None),
        (None, ("en-latn-us-x-gb",), None, "US"),
        (None, ("es-ñá",), None, None),
    ],
)
def test_a_country_is_the_one_named_else_the_first_region_else_the_default(
    wanted: str | None, accepted: tuple[str, ...], default: str | None, expected: str | None
) -> None:
    assert choose_country(wanted, accepted, default) == expected
