"""What the product is measured beside; BENCH_MODE picks one: bare or insert."""

from __future__ import annotations

import os

from flask import Flask, Response
from sqlalchemy import create_engine, text

import config
from app.extensions import Engine  # the pragmas of SQLite are listened for there

TWIML = ('<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="/x"><Say>你好</Say></Gather>'
         "</Response>")  # fmt: skip


def bare() -> Flask:
    """Constant TwiML: what Flask and the server themselves cost."""
    app = Flask("bare")

    @app.post("/<path:path>")
    def constant(path: str) -> Response:
        return Response(TWIML, content_type="text/xml")

    return app


def insert(database_url: str) -> Flask:
    """The same after one insert into an indexed table, committed: what durability costs."""
    app = Flask("insert")
    engine: Engine = create_engine(database_url)

    @app.post("/<path:path>")
    def store(path: str) -> Response:
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO bench_row (name) VALUES (:name)"), {"name": os.urandom(12).hex()})
        return Response(TWIML, content_type="text/xml")

    return app


def make() -> Flask:
    return bare() if os.environ["BENCH_MODE"] == "bare" else insert(config.load().database_url)


application = make()
