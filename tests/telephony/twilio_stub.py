"""Twilio's side of the client's tests: canned answers in place of HTTP, and what was asked."""

from __future__ import annotations

import json
import logging

import pytest
from twilio.http import HttpClient
from twilio.http.response import Response

from telephony.errors import CarrierError
from telephony.ports import OutboundCall, OutboundSms
from telephony.twilio.client import TwilioCarrier

ACCOUNT = "AC" + "0" * 32
SID = "CA" + "1" * 32
TO = "+8610012345678"
CALL = OutboundCall("tok", TO, "+15005550006", "https://a.cn/answer?t=tok", "https://a.cn/status?t=tok", 30, 400)
SMS = OutboundSms("tok", TO, "您好", "https://a.cn/sms?t=tok")
CREATED = "Sun, 22 Nov 2026 02:00:00 +0000"


class Stub(HttpClient):
    """Answers each request with the next of `answers`: a Response, or an exception to raise."""

    def __init__(self, *answers):
        super().__init__(logging.getLogger("stub"), False)
        self.answers = list(answers)
        self.requests = []

    def request(
        self, method, uri, params=None, data=None, headers=None, auth=None, timeout=None, allow_redirects=False
    ):
        self.requests.append((method, uri, params or {}, data or {}))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fetch_bytes(self, url, auth):
        self.requests.append(("GET", url, {}, {}))
        return self.answers.pop(0)


def answer(http=201, **fields):
    return Response(http, json.dumps({"sid": SID, "status": "queued", "to": TO, **fields}))


def refusal(status, code):
    return Response(status, json.dumps({"code": code, "message": f"about {TO}", "status": status, "more_info": ""}))


def carrier(*answers, **options):
    stub = Stub(*answers)
    return TwilioCarrier(ACCOUNT, "token", "+15005550006", http_client=stub, **options), stub


def failure(action, *answers, **options) -> CarrierError:
    with pytest.raises(CarrierError) as failed:
        action(carrier(*answers, **options)[0])
    return failed.value


def place(one):
    return one.place(CALL)
