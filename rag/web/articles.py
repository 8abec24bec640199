"""The articles in public: what may be cited, and exactly what was cited."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, jsonify, request

from rag.rendering import article_body, article_list_body
from rag.types import Status, StoredArticle
from rag.web.editors import is_editor
from rag.web.models import ListRequest, validated
from rag.web.problems import INVALID, PRECONDITION, WITHDRAWN, FieldError, Problem
from rag.web.site import site
from rag.web.strict_json import unreadable

articles = Blueprint("articles", __name__, url_prefix="/v1/articles")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_VERSION = re.compile(r"[0-9a-f]{16}")
# A withdrawal counts at once, so a copy is used only after asking again.
_REVALIDATE = "no-cache"


@articles.get("")
def listing() -> Response:
    """Live articles by id, a part at a time."""
    here = site()
    wanted = validated(ListRequest, _parameters("cursor", "limit"), here.settings.max_message)
    response = jsonify(article_list_body(here.assistant().articles(wanted.cursor, wanted.limit)))
    response.headers["Cache-Control"] = _REVALIDATE
    return response


@articles.get("/<article_id>")
def one(article_id: str) -> Response:
    """One article version, the live one unless `version` asks for another."""
    here = site()
    stored = stored_article(article_id)
    if stored.status is Status.WITHDRAWN and not is_editor():
        raise Problem(WITHDRAWN, "The publisher has withdrawn this article: do not cite it.")
    body = article_body(stored, with_text=here.settings.public_articles == "full")
    response = jsonify(body)
    response.headers["Cache-Control"] = _REVALIDATE
    response.set_etag(stored.article.version)
    response.make_conditional(request)
    if response.status_code == 412:
        raise Problem(PRECONDITION, "The article has another version than If-Match names.")
    return response


def stored_article(article_id: str) -> StoredArticle:
    """The version that `version` of the request names, else the newest; it may be withdrawn.

    Raises NotFound, ArticleNotFound, IndexUnavailable.
    """
    versions = request.args.getlist("version")
    version = versions[0] or None if versions else None
    if (
        len(versions) > 1
        or not _ID.fullmatch(article_id)
        or (version and not _VERSION.fullmatch(version))
    ):
        abort(404)
    return site().assistant().article(article_id, version)


def _parameters(*names: str) -> dict[str, str]:
    """What the address gives by these names.

    Raises Problem (invalid) for a name that stands twice, as in a body, and for NUL.
    """
    for name in names:
        if len(request.args.getlist(name)) > 1:
            reason = "must stand once"
            raise Problem(INVALID, f"{name}: {reason}.", (FieldError(name, reason),))
    given = {name: request.args[name] for name in names if name in request.args}
    refused = unreadable(given)
    if refused:
        raise refused
    return given
