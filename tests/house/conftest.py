"""The prepared web application, for the tests that walk it whole."""

from tests.web.conftest import client_as, prepared, shared_web, web_app, world  # noqa: F401
