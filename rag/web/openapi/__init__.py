"""The description of all routes, as OpenAPI 3.1 and as a page to read."""

from rag.web.openapi.document import describe
from rag.web.openapi.pages import openapi

__all__ = ["describe", "openapi"]
