"""Answering in a process of its own: the one that hears readers is never held up by an answer."""

from rag.apart.assistant import build_assistant_apart
from rag.apart.calls import AnsweringProcess

__all__ = ["AnsweringProcess", "build_assistant_apart"]
