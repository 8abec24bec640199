"""The editors' routes: publish, withdraw, bring up to date. They exist where a token is set."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256

from flask import Blueprint, Response, abort, jsonify, request

from rag.corpus import is_valid_id, published_file
from rag.errors import ArticleRejected, CorpusError, VersionConflict
from rag.types import Edit
from rag.web.body import accepted, read_body
from rag.web.models import ArticleRequest, validated
from rag.web.problems import CONFLICT, INVALID, PRECONDITION, REJECTED, UNAUTHORIZED, Problem
from rag.web.site import site
from rag.web.strict_json import parse
from rag.web.turns import TURNS

editors = Blueprint("editors", __name__)

# A long article with its marks; readers' bodies have a limit of their own.
MAX_ARTICLE = 1 << 20
_FORMATS = ("text", "markdown", "html")


def is_editor() -> bool:
    """Whether the request at hand carries the editors' token."""
    token = site().settings.editor_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if token is None or scheme.lower() != "bearer":
        return False
    # A header's bytes come as Latin-1. Their digests are compared: no length shows in the time.
    sent = given.strip().encode("latin-1", "replace")
    return hmac.compare_digest(sha256(sent).digest(), sha256(token.encode()).digest())


@editors.before_request
def only_editors() -> None:
    """Refuse whoever has no token, before anything of the request is read."""
    if not is_editor():
        raise Problem(
            UNAUTHORIZED,
            "Send the editors' token as Authorization: Bearer ….",
            headers={"WWW-Authenticate": 'Bearer realm="editors"'},
        )


@editors.put("/v1/articles/<article_id>")
def put(article_id: str) -> tuple[Response, int]:
    """Publish an article; it is live when this answers."""
    if not is_valid_id(article_id):
        raise Problem(INVALID, "The id must be 1 to 128 of the characters A-Z a-z 0-9 . _ -")
    request.max_content_length = MAX_ARTICLE + 1
    wanted = validated(ArticleRequest, accepted(parse(read_body(MAX_ARTICLE))), MAX_ARTICLE)
    format_ = next(name for name in _FORMATS if getattr(wanted, name) is not None)
    fields = wanted.model_dump(exclude=set(_FORMATS))
    content = published_file(fields, getattr(wanted, format_), format_)
    edit = _done(lambda: site().desk().publish(article_id, content, _expected()))
    response = jsonify(asdict(edit))
    response.set_etag(edit.version or "")
    return response, 201 if edit.change == "added" else 200


@editors.delete("/v1/articles/<article_id>")
def delete(article_id: str) -> Response:
    """Withdraw an article; it is not cited any more when this answers."""
    if not is_valid_id(article_id):
        abort(404)
    return jsonify(asdict(_done(lambda: site().desk().withdraw(article_id, _expected()))))


@editors.post("/v1/index/refresh")
def refresh() -> Response:
    """Bring the index up to date with the corpus folder, as `rag index` does."""
    try:
        with TURNS.given_up():
            report = site().desk().refresh()
    except CorpusError as error:
        raise Problem(CONFLICT, str(error)) from error
    return jsonify(asdict(report))


@editors.get("/v1/index")
def overview() -> Response:
    """What the index holds."""
    return jsonify(site().assistant().overview())


def _expected() -> str | None:
    """The version that If-Match names, `*` for any; quotes as in an ETag."""
    value = request.headers.get("If-Match")
    return value.strip().removeprefix("W/").strip('"') if value else None


def _done(change: Callable[[], Edit]) -> Edit:
    try:
        with TURNS.given_up():
            return change()
    except VersionConflict as error:
        raise Problem(
            PRECONDITION, "A colleague has changed the article: read it again before you do."
        ) from error
    except ArticleRejected as error:
        raise Problem(REJECTED, f"The article was not published: {error}.") from error
    except CorpusError as error:
        raise Problem(CONFLICT, str(error)) from error
