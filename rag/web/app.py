"""The application: routes, error handling and settings put together."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import TypeVar

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from rag.errors import WellcitedError
from rag.settings import Settings, load_settings
from rag.web.article_page import article_page
from rag.web.articles import articles
from rag.web.ask import ask
from rag.web.body import BEYOND
from rag.web.cors import opened_up, preflight
from rag.web.dialects.completions import completions
from rag.web.dialects.deep_chat import deep_chat
from rag.web.dialects.responses import responses
from rag.web.dialects.ui_messages import ui_messages
from rag.web.editors import editors
from rag.web.envelope import closed, opened
from rag.web.failures import DiscreetFlask, failed
from rag.web.hosts import only_trusted_hosts, tell_of_proxy
from rag.web.limits import Limiter
from rag.web.openapi import openapi
from rag.web.page import page
from rag.web.places import Places
from rag.web.policy import policy_of
from rag.web.site import Desk, Service, Site, install, site_of
from rag.web.status import status
from rag.web.widget_script import widget
from rag.wiring import build_assistant, build_desk

_LOGGER = logging.getLogger(__name__)
Made = TypeVar("Made")
_DIALECTS = (completions, responses, deep_chat, ui_messages)


def create_app(
    settings: Settings | None = None,
    assistant: Service | None = None,
    desk: Desk | None = None,
) -> Flask:
    """The web application, without an argument from the environment's settings.

    The assistant is built at its first use, so that a process is up at once and nothing heavy
    is loaded before a fork. Raises SettingsError.
    """
    if settings is None:
        settings, warnings = load_settings()
        for warning in warnings:
            _LOGGER.warning("%s", warning)
    app = DiscreetFlask("rag.web")
    install(app, _site(settings, assistant, desk))
    _configure(app, settings)
    app.before_request(opened)
    app.before_request(only_trusted_hosts)
    app.before_request(tell_of_proxy)
    app.before_request(preflight)
    # The one that is given last is called first.
    app.after_request(closed)
    app.after_request(opened_up)
    app.register_error_handler(Exception, failed)
    for blueprint in (ask, *_DIALECTS, articles, status, page, article_page, widget, openapi):
        app.register_blueprint(blueprint)
    if settings.editor_token:
        app.register_blueprint(editors)
    return app


def places_of(settings: Settings) -> int:
    """How many questions a process works on at a time."""
    return settings.threads or max(1, (os.cpu_count() or 1) // settings.workers)


def warm_up(app: Flask) -> Thread:
    """Load index and model in the background, so that the first question is quick."""
    site = site_of(app)
    site.warming.set()
    thread = Thread(target=_load, args=(site,), name="warm-up", daemon=True)
    thread.start()
    return thread


def _site(settings: Settings, assistant: Service | None, desk: Desk | None) -> Site:
    def build() -> Service:
        return assistant or build_assistant(settings)

    def build_editors() -> Desk:
        return desk or build_desk(settings)

    policy = policy_of(settings)
    return Site(
        settings=settings,
        policy=policy,
        assistant=_once(build),
        desk=_once(build_editors),
        limiter=Limiter(policy.per_client, policy.in_total),
        places=Places(places_of(settings)),
        warming=Event(),
    )


def _configure(app: Flask, settings: Settings) -> None:
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body + BEYOND
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body
    if hops := settings.proxy_hops:
        # As many as are ours, counted from the nearest: what a client wrote stands before them.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    # A merged slash would be a redirect with a body in HTML.
    app.url_map.merge_slashes = False
    provider = DefaultJSONProvider(app)
    provider.ensure_ascii = False
    provider.sort_keys = False
    app.json = provider


def _once(build: Callable[[], Made]) -> Callable[[], Made]:
    """The function, called once however many threads ask; a failure is tried again."""
    lock, made = Lock(), list[Made]()

    def get() -> Made:
        # Without the lock where it is made already: it is asked for several times a request.
        if not made:
            with lock:
                if not made:
                    made.append(build())
        return made[0]

    return get


def _load(site: Site) -> None:
    try:
        generation = site.assistant().check_ready()
    except WellcitedError as error:
        _LOGGER.warning("not ready: %s", error)
    else:
        _LOGGER.info("ready generation=%d", generation)
    finally:
        site.warming.clear()
