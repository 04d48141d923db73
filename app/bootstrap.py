"""Wiring: settings in, a ready application out. The only module that may import everything."""

from __future__ import annotations

import gc
from typing import Any

from flask import Flask
from flask_babel import Babel
from sqlalchemy import create_engine
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

from app.extensions import clock, csrf, db, limiter
from app.models.types import cipher
from app.services import carriers
from config import Settings
from telephony.clock import Clock, FileClock, SystemClock


def create_core(settings: Settings, *, clock_source: Clock | None = None) -> Flask:
    """Everything but the web pages: database, clock, cipher, carriers. What workers, beat and commands need."""
    app = _core(settings, clock_source)
    Babel(app, configure_jinja=False)  # the web's is the framework's own, which asks each reader's session
    return app


def _core(settings: Settings, clock_source: Clock | None) -> Flask:
    app = Flask("app", template_folder="templates", static_folder="static")
    app.config.from_mapping(flask_config(settings))
    app.extensions["shouwang.settings"] = settings
    cipher.configure(settings.field_key)
    clock.source = clock_source or (FileClock(settings.clock_file) if settings.clock_file else SystemClock())
    db.init_app(app)
    carriers.register_from(settings)
    _import_models_and_scope()
    return app


def create_app(settings: Settings, *, clock_source: Clock | None = None, sync_permissions: bool = False) -> Flask:
    """The web application: core, pages, generated CRUD, carrier callbacks."""
    app = _core(settings, clock_source)
    app.config["FAB_UPDATE_PERMS"] = sync_permissions
    csrf.init_app(app)
    limiter.init_app(app)
    from app.views.assemble import assemble
    from app.webhooks import register as register_webhooks

    register_webhooks(app)
    assemble(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def settle() -> None:
    """Last step of a long-lived process's start: leave what lives for ever to itself.

    The garbage collector would otherwise walk a million objects of classes, mappers and routes again and again, for a
    quarter of a second each time, while a carrier waits or a worker holds SQLite's turn to write.
    """
    configure_mappers()
    gc.collect()
    gc.freeze()


def upgrade_schema(settings: Settings) -> str:
    """Bring the schema to this version; returns its revision."""
    from app.services import schema  # Alembic need not lie in the memory of processes that never migrate

    engine = create_engine(settings.database_url)
    try:
        schema.upgrade(engine)
    finally:
        engine.dispose()
    return schema.head_revision()


def upgrade_database(settings: Settings) -> str:
    """Schema, then roles and permissions, once for all web processes (they never sync themselves)."""
    revision = upgrade_schema(settings)
    from app.queries.scope import system_access
    from app.security.roles import sync_roles
    from app.services import routes

    application = create_app(settings, sync_permissions=True)
    with application.app_context(), system_access():
        sync_roles(application)
        routes.ensure_defaults(db.session, settings.carrier)
        db.session.commit()
    return revision


def flask_config(settings: Settings) -> dict[str, Any]:
    """Flask's and FAB's own option names for our settings."""
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings),
        "APP_NAME": "守望",
        "BABEL_DEFAULT_LOCALE": "zh_Hans",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": str(_translations_directory()),
        "LANGUAGES": {"zh_Hans": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "gb", "name": "English"}},
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 8 * 3600,
        "MAX_CONTENT_LENGTH": 40 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "AUTH_TYPE": 1,
        "AUTH_USER_REGISTRATION": False,
        "AUTH_RATE_LIMITED": True,
        "AUTH_RATE_LIMIT": "10 per minute",
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": settings.redis_url if settings.redis_url.startswith("redis") else "memory://",
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
        "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
        "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
        "FAB_API_MAX_PAGE_SIZE": 200,
    }


def engine_options(settings: Settings) -> dict[str, Any]:
    quiet = {"hide_parameters": True}  # a database error in a log must not quote what a farmer said
    if settings.is_sqlite:
        return {"connect_args": {"timeout": 15, "check_same_thread": False}, **quiet}
    return {"pool_size": 5, "max_overflow": 10, "pool_pre_ping": True, **quiet}


def _translations_directory() -> Any:
    import translations

    return next(iter(translations.__path__))


def _import_models_and_scope() -> None:
    """Importing these registers every table and the row-scope events (fail closed until somebody is let in)."""
    import app.models
    import app.queries.scope
    import app.security.audit
    import app.services.grid_care.sync_events  # noqa: F401  (history and sync queue are written on every flush)
