"""POST /api/v1/security/login: a short-lived token for scripts, under the same lock-out and rate as the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request
from flask_appbuilder.api import BaseApi, expose, safe
from flask_jwt_extended import create_access_token

from app.extensions import db
from app.models import LoginState

LIFETIME = timedelta(minutes=15)


class ApiLogin(BaseApi):
    """No refresh tokens: a stolen one would outlive the person who could notice."""

    resource_name = "security"
    version = "v1"
    openapi_spec_tag = "Security"

    @expose("/login", methods=["POST"])
    @safe
    def login(self) -> Any:
        """Exchange username and password for an access token
        ---
        post:
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    username: {type: string}
                    password: {type: string}
          responses:
            200:
              description: "{access_token}, valid for 15 minutes"
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
        """
        given = request.get_json(silent=True)
        if not isinstance(given, dict):
            return self.response_400(message="Request payload is not JSON")
        username, password = given.get("username"), given.get("password")
        if not isinstance(username, str) or not isinstance(password, str):
            return self.response_400(message="username and password are required")
        user = self.appbuilder.sm.auth_user_db(username, password)
        if user is None:
            return self.response_401()
        state = db.session.get(LoginState, user.id)
        if state is not None and state.must_change_password:
            return self.response(403, message="Replace the one-time password in the browser first")
        return self.response(200, access_token=create_access_token(identity=str(user.id), expires_delta=LIFETIME))
