from __future__ import annotations

import re

import pytest

from rag.answering import Wording, load_wording
from rag.types import Disclaimer, Reason

LOCALES = ["en", "es", "zh"]


@pytest.fixture
def wording() -> Wording:
    return load_wording("en")


def test_these_languages_are_there(wording: Wording) -> None:
    assert LOCALES == sorted(wording.phrases)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_reason_is_worded_in_every_locale(wording: Wording, locale: str) -> None:
    texts = {reason: wording.reason(reason, locale) for reason in Reason}

    assert len(set(texts.values())) == len(Reason)
    assert all(text.strip() == text and text for text in texts.values())
    assert texts == dict(wording.phrases[locale].reasons)


@pytest.mark.parametrize("reason", Reason)
def test_no_reason_is_left_in_another_language(wording: Wording, reason: Reason) -> None:
    assert len(LOCALES) == len({wording.reason(reason, locale) for locale in LOCALES})
    assert wording.reason(reason, "en").isascii()
    chinese = re.sub(r"\{\w+\}", "", wording.reason(reason, "zh"))
    assert not any(char.isascii() and char.isalpha() for char in chinese)


@pytest.mark.parametrize("locale", LOCALES)
def test_both_disclaimers_are_there_in_every_locale(wording: Wording, locale: str) -> None:
    short, full = wording.disclaimer(locale), wording.full_disclaimer(locale)

    assert Disclaimer(wording.phrases[locale].disclaimer, wording.version, locale) == short
    assert (short.version, short.locale) == (full.version, full.locale)
    assert len(full.text) > len(short.text) > 0
    assert full.text == full.text.strip()


def test_no_disclaimer_is_left_in_another_language(wording: Wording) -> None:
    assert len(LOCALES) == len({wording.disclaimer(locale).text for locale in LOCALES})
    assert len(LOCALES) == len({wording.full_disclaimer(locale).text for locale in LOCALES})


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("es-419", "es"),
        ("es_MX", "es"),
        ("zh-Hans-CN", "zh"),
        ("zh-hant", "zh"),
        ("en-GB", "en"),
        ("es-u-nu-latn", "es"),
    ],
)
def test_a_locale_is_looked_up_from_long_to_short(
    wording: Wording, wanted: str, expected: str
) -> None:
    assert expected == wording.locale(wanted)
    assert expected == wording.disclaimer(wanted).locale
    assert wording.reason(Reason.NO_ARTICLE, expected) == wording.reason(Reason.NO_ARTICLE, wanted)


@pytest.mark.parametrize("wanted", [None, "", "fr", "xx-ES", "e", "esp", "-", "zhh-Hans", "日本"])
@pytest.mark.parametrize("default", LOCALES)
def test_an_unknown_locale_gets_the_language_of_the_site(default: str, wanted: str | None) -> None:
    wording = load_wording(default)

    assert default == wording.locale(wanted)
    assert default == wording.disclaimer(wanted).locale
    assert wording.phrases[default].reasons[Reason.LANGUAGE] == wording.reason(
        Reason.LANGUAGE, wanted
    )


@pytest.mark.parametrize(
    ("default", "expected"), [("es-MX", "es"), ("zh_CN", "zh"), ("fr", "en"), ("", "en")]
)
def test_the_language_of_the_site_is_looked_up_too(default: str, expected: str) -> None:
    assert expected == load_wording(default).locale("pl")
