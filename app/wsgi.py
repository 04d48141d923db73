"""The WSGI entry point: `granian --interface wsgi app.wsgi:application`, or any other WSGI server."""

from __future__ import annotations

import config
from app.bootstrap import create_app, settle

application = create_app(config.load())
settle()
