"""The embedded mode: everything on one machine under one supervisor. Light on purpose: no room of app/ is imported."""
