"""The web door: the HTTP interface and the page to ask from."""

from rag.web.app import create_app

__all__ = ["create_app"]
