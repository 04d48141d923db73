"""The WSGI entry point: `granian --interface wsgi app.wsgi:application`, or any other WSGI server."""

from __future__ import annotations

from whitenoise import WhiteNoise

import config
from app.bootstrap import create_app

flask_application = create_app(config.load())
application = WhiteNoise(
    flask_application.wsgi_app,
    root=flask_application.static_folder,
    prefix="static/",
    max_age=86_400,
)
