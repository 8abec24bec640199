"""The chat widget: one script, joined from rag/web/widget/ and from the data the server has.

Contacts, disclaimers and the disclosure are put in here, so that they are written once and the
widget has them also where no server answers.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, request

from rag.rendering import Body, disclaimer_body
from rag.web.questions import MAX_TURNS
from rag.web.site import Site, site
from rag.web.texts import texts_for
from rag.wiring import standing_contacts

widget = Blueprint("widget", __name__)

# In this order: each part uses what stands above it.
_PARTS = (
    "elements.js",
    "links.js",
    "places.js",
    "events.js",
    "request.js",
    "history.js",
    "contacts.js",
    "sources.js",
    "answer.js",
    "copying.js",
    "turn.js",
    "form.js",
    "chat.js",
    "start.js",
)
_BLOCK_COMMENT = re.compile(r"^\s*/\*.*?\*/", re.DOTALL | re.MULTILINE)
# Level of gzip: the script is packed once for all readers.
_SMALLEST = 9
# The language of the articles: questions in another get no answer (docs/safety).
_QUOTED = "en"


@dataclass(frozen=True, slots=True)
class Script:
    """The script in UTF-8, the same packed, and the tag that names this version."""

    plain: bytes
    packed: bytes
    tag: str


@widget.get("/widget.js")
def script() -> Response:
    """The widget. Any site may embed it; whom it may ask is decided where it asks."""
    made = _joined(json.dumps(_data(site()), ensure_ascii=False, separators=(",", ":")))
    packed = request.accept_encodings["gzip"] > 0
    response = Response(made.packed if packed else made.plain, mimetype="text/javascript")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(f"{made.tag}-gzip" if packed else made.tag)
    response.make_conditional(request)
    return response


def _data(here: Site) -> Body:
    """What the script has to know of this site before it has asked anything."""
    texts = _texts()
    assistant, settings = here.assistant(), here.settings
    return {
        "texts": texts,
        "disclosures": {locale: texts_for(locale).disclosure for locale in texts},
        "short": {locale: disclaimer_body(assistant.disclaimer(locale)) for locale in texts},
        "full": {locale: disclaimer_body(assistant.full_disclaimer(locale)) for locale in texts},
        "locale": settings.locale,
        "country": settings.country,
        "limits": {
            "message": settings.max_message,
            "body": settings.max_body,
            "history": MAX_TURNS,
        },
        "quoted": _QUOTED,
        **standing_contacts(),
    }


@cache
def _joined(data: str) -> Script:
    """One classic script around all parts; nothing of it is seen by the page but the element."""
    style = json.dumps(_short(_read("widget.css")), ensure_ascii=False)
    constants = f"const DATA = {data};\nconst STYLE = {style};\n"
    parts = "\n".join(_short(_read(name)) for name in _PARTS)
    plain = f'(() => {{\n"use strict";\n{constants}{parts}\n}})();\n'.encode()
    packed = gzip.compress(plain, _SMALLEST, mtime=0)
    return Script(plain, packed, hashlib.sha256(plain).hexdigest()[:16])


@cache
def _texts() -> dict[str, Any]:
    """The widget's own words by language."""
    return tomllib.loads(_read("texts.toml"))


def _short(source: str) -> str:
    """A part as it is sent: without comments that fill a line, without indents and empty lines.

    No text of a part goes over several lines, so nothing but the source's looks is lost.
    """
    lines = (line.strip() for line in _BLOCK_COMMENT.sub("", source).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _read(name: str) -> str:
    return files("rag.web").joinpath("widget", name).read_text(encoding="utf-8")
