"""A carrier as the webhooks see one: it signs rightly, keeps its call's id, and follows the TwiML it is given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient

BASE = "http://127.0.0.1:8000"
TOKEN = "test-token"
OUR_NUMBER = "+8610000000000"
ACCOUNT = "AC" + "0" * 32
_serial = count(1)


def sid(prefix: str) -> str:
    return f"{prefix}{next(_serial):032x}"


def sign(url: str, params: dict[str, str], token: str = TOKEN) -> str:
    message = url + "".join(name + value for name, value in sorted(params.items()))
    return base64.b64encode(hmac.new(token.encode(), message.encode(), hashlib.sha1).digest()).decode()


def post(
    client: FlaskClient, path: str, params: dict[str, str], *, token: str = TOKEN, carrier: str = "simulator"
) -> Any:
    """POST `params` to /carrier/<carrier>/<path>, signed with `token`."""
    target = f"/carrier/{carrier}/{path}"
    headers = {"X-Twilio-Signature": sign(BASE + target, params, token)}
    return client.post(target, data=params, headers=headers)


@dataclass
class CallDriver:
    """One call: `pick_up()`, then `press()` and `say_nothing()` along the TwiML, then `end()`."""

    client: FlaskClient
    token: str
    to: str
    call_id: str = field(default_factory=lambda: sid("CA"))
    twiml: str = ""
    sequence: int = 0

    @property
    def params(self) -> dict[str, str]:
        return {"CallSid": self.call_id, "AccountSid": ACCOUNT, "From": OUR_NUMBER, "To": self.to,
                "ApiVersion": "2010-04-01", "Direction": "outbound-api"}  # fmt: skip

    @property
    def action(self) -> str:
        """Path of the step the TwiML asks for, below /carrier/simulator/."""
        found = re.search(r'action="([^"]+)"', self.twiml)
        assert found is not None, self.twiml
        parts = urlsplit(html.unescape(found.group(1)).partition("#")[0])
        return f"{parts.path}?{parts.query}".removeprefix("/carrier/simulator/")

    @property
    def is_hung_up(self) -> bool:
        return "<Gather" not in self.twiml and "<Record" not in self.twiml and "<Dial" not in self.twiml

    def _ask(self, path: str, **extra: str) -> str:
        answer = post(self.client, path, {**self.params, "CallStatus": "in-progress", **extra})
        assert answer.status_code == 200, answer.status_code
        self.twiml = answer.get_data(as_text=True)
        return self.twiml

    def pick_up(self, **extra: str) -> str:
        return self._ask(f"voice/answer/{self.token}", **extra)

    def press(self, *keys: str) -> str:
        for key in keys:
            self._ask(self.action, Digits=key, msg="Gather End")
        return self.twiml

    def say_nothing(self) -> str:
        return self._ask(self.action, Digits="")

    def speak(self, recording_id: str, seconds: int = 7) -> str:
        url = f"http://127.0.0.1:9/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording_id}"
        return self._ask(self.action, RecordingSid=recording_id, RecordingUrl=url, RecordingDuration=str(seconds),
                         Digits="#")  # fmt: skip

    def status(self, word: str, **extra: str) -> Any:
        self.sequence += 1
        fields = {"CallStatus": word, "SequenceNumber": str(self.sequence), "CallbackSource": "call-progress-events"}
        return post(self.client, f"voice/status/{self.token}", {**self.params, **fields, **extra})

    def end(self, seconds: int = 60) -> Any:
        return self.status("completed", CallDuration=str(seconds), SipResponseCode="200")


def call_in(client: FlaskClient, number: str) -> CallDriver:
    """A person calls our number; the driver goes on with the step URLs it was given."""
    driver = CallDriver(client, "inbound", OUR_NUMBER)
    params = {**driver.params, "From": number, "Direction": "inbound", "CallStatus": "ringing"}
    answer = post(client, "voice/inbound", params)
    assert answer.status_code == 200, answer.status_code
    driver.twiml = answer.get_data(as_text=True)
    return driver


def text_in(client: FlaskClient, number: str, body: str, message_id: str | None = None) -> Any:
    message_id = message_id or sid("SM")
    params = {"MessageSid": message_id, "SmsSid": message_id, "AccountSid": ACCOUNT, "From": number,
              "To": OUR_NUMBER, "Body": body, "NumSegments": "1", "NumMedia": "0", "SmsStatus": "received"}  # fmt: skip
    return post(client, "sms/inbound", params)
