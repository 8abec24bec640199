from __future__ import annotations

import struct

import pytest

from tests.browser.screenshots import IMAGES, PICTURES, Picture

LARGEST = 150_000


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_every_picture_is_there_small_and_of_its_size(picture: Picture) -> None:
    png = (IMAGES / f"{picture.name}.png").read_bytes()
    size = (picture.width * picture.density, picture.height * picture.density)
    assert size == struct.unpack(">II", png[16:24])
    assert len(png) <= LARGEST
