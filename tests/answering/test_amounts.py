from __future__ import annotations

import time

import pytest

from rag.answering.amounts import names_amount, names_number


@pytest.mark.parametrize(
    "text",
    [
        "Take 500 mg.",
        "500mg twice a day",
        "2.5 ml of syrup",
        "Up to 4,000 micrograms",
        "10 µg or 10 mcg",
        "400 IU of vitamin D",
        "24 units at night",
        "Two tablets every six hours",
        "one or two puffs",
        "2–4 capsules",
        "half a tablet",
        "a tablet with water",
        "５００ｍｇ",
        "a 500-mg dose",
        "fifteen milligrams per kilogram",
        "5 drops",
        "每次两片",
        "每日500毫克",
        "10 滴",
        "dos comprimidos al día",
        "medio comprimido",
        "una pastilla",
    ],
)
def test_a_number_with_a_unit_of_dose_is_an_amount(text: str) -> None:
    assert names_amount(text)
    assert names_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "Rest for 2 weeks.",
        "Tablets and capsules may help.",
        "It affects 3 in 10 people.",
        "Walk for 20 minutes.",
        "Take the tablets as prescribed.",
        "The MRI showed 3 grades.",
        "B12 is a vitamin.",
        "It takes 10 girls to play.",
        "休息两周。",
        "Descanse dos semanas.",
    ],
)
def test_other_numbers_and_units_alone_are_none(text: str) -> None:
    assert not names_amount(text)


def test_any_digit_is_a_number() -> None:
    assert names_number("A ferritin below 15 is low.")
    assert names_number("低于１５")
    assert not names_number("A low ferritin is common.")


def test_a_long_text_is_read_in_no_time() -> None:
    begin = time.perf_counter()
    names_amount("1 " * 20_000 + "a an half " * 5_000)
    assert time.perf_counter() - begin < 0.5
