"""What may be cited, stored so that it can be searched and nothing is ever lost."""

from rag.index.builds import Recipe
from rag.index.library import Library
from rag.index.reading import Reading

__all__ = ["Library", "Reading", "Recipe"]
