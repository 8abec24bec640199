"""Problems in the words of the dialects, whose clients show an `error` and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from rag.rendering import Body

_OPENAI = ("/v1/chat/", "/v1/models", "/v1/responses")
_DEEP_CHAT = "/v1/deep-chat"
_TYPES = {401: "authentication_error", 429: "rate_limit_error"}


def in_dialect(path: str, body: Body) -> tuple[Body, str]:
    """The body of a problem as the clients of a path read it, and its media type."""
    if path.startswith(_OPENAI):
        return openai_error(body), "application/problem+json"
    if path.startswith(_DEEP_CHAT):
        return deep_chat_error(body), "application/json"
    return body, "application/problem+json"


def retry_headers(path: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Whether OpenAI's clients, which repeat a request by themselves, should do so."""
    if not path.startswith(_OPENAI):
        return {}
    return {"x-should-retry": "true" if "Retry-After" in headers else "false"}


def openai_error(body: Body) -> Body:
    """A problem with OpenAI's `error` in it; a field that is not valid has status 400 there."""
    status = 400 if body["status"] == 422 else body["status"]
    fields = body.get("errors", [])
    error = {
        "message": said_of(body),
        "type": _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error"),
        "param": fields[0]["field"] if fields else None,
        "code": body["type"].rpartition("/")[2],
    }
    return {**body, "status": status, "error": error}


def deep_chat_error(body: Body) -> Body:
    """A problem with the text that deep-chat shows."""
    return {**body, "error": said_of(body)}


def said_of(body: Body) -> str:
    """What is wrong, after the card or line that the message needs."""
    notice = body.get("safety", {}).get("notice")
    return f"{notice} {body['detail']}" if notice else str(body["detail"])
