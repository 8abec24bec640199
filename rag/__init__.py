"""Wellcited: answers to health questions that are quotes from a publisher's own articles."""

__all__ = ["__version__"]

__version__ = "0.1.0"
