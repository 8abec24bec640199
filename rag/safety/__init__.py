"""The safety gate: it decides from the messages alone whether a reader needs help now."""

from rag.safety.gate import Gate, load_contacts, load_gate

__all__ = ["Gate", "load_contacts", "load_gate"]
