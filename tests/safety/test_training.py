"""The weights of the classifier are what training makes of the committed messages."""

from __future__ import annotations

from tests.safety.training import DATA, messages, trained


def test_training_gives_the_committed_weights_byte_for_byte() -> None:
    raw, description = trained(messages())
    assert raw == (DATA / "classifier.bin").read_bytes()
    assert description == (DATA / "classifier.toml").read_text(encoding="utf-8")
