"""The one table of what goes wrong at Twilio, and what it means for the attempt (HOUSE rule 3, TELEPHONY §2).

The messages are ours: Twilio's repeat the number, and logs carry no numbers.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3.exceptions
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

from telephony.errors import CarrierError, Verdict

INVALID_CALL_STATE = "21220"
NOT_FOUND = "20404"


@dataclass(frozen=True, slots=True)
class Meaning:
    verdict: Verdict
    message: str
    blames_number: bool = False


def _retry(message: str) -> Meaning:
    return Meaning(Verdict.RETRYABLE, message)


def _refused(message: str) -> Meaning:
    return Meaning(Verdict.PERMANENT, message)


def _number(message: str) -> Meaning:
    return Meaning(Verdict.PERMANENT, message, blames_number=True)


def _unknown(message: str) -> Meaning:
    return Meaning(Verdict.UNKNOWN, message)


CODES: dict[str, Meaning] = {
    "10004": _retry("too many calls at once"),
    "20003": _retry("account or token refused; correct the settings"),
    NOT_FOUND: _refused("no such resource"),
    "20429": _retry("too many requests at once"),
    "20500": _unknown("internal error"),
    "20503": _retry("service unavailable"),
    "21201": _refused("no number to call"),
    "21205": _refused("callback address refused; correct PUBLIC_BASE_URL"),
    "21210": _refused("caller number is not ours; correct TWILIO_FROM"),
    "21211": _number("not a valid number"),
    "21212": _refused("caller number is not valid; correct TWILIO_FROM"),
    "21213": _refused("no caller number; set TWILIO_FROM"),
    "21214": _number("number cannot be reached"),
    "21215": _refused("calls to this region are not permitted for the account"),
    "21216": _number("number is on the carrier's block list"),
    "21217": _number("number is not well formed"),
    "21219": _refused("trial account: number is not verified"),
    INVALID_CALL_STATE: _refused("the call is not in a state that allows this"),
    "21408": _refused("texts to this region are not permitted for the account"),
    "21606": _refused("sender number cannot send texts; correct TWILIO_FROM"),
    "21608": _refused("trial account: number is not verified"),
    "21610": _number("number has opted out at the carrier"),
    "21611": _retry("sender's queue is full"),
    "21612": _number("number cannot be reached by text"),
    "21614": _number("not a mobile number"),
    "21617": _refused("text is longer than 1600 characters"),
    "30001": _retry("carrier's queue is full"),
}

# A 5xx on create may have created: 500, 502 and 504 come from behind the point where the call is made.
# 503 and 429 are answered before it (Twilio: "not processed").
HTTP: dict[int, Meaning] = {
    401: _retry("account or token refused; correct the settings"),
    403: _retry("account may not do this; correct the settings"),
    404: _refused("no such resource"),
    408: _unknown("carrier gave up waiting"),
    429: _retry("too many requests"),
    503: _retry("service unavailable"),
}


def from_exception(error: Exception, *, acts: bool) -> CarrierError:
    """The CarrierError for what the client raised. `acts`: the request may change something at Twilio (POST);
    when it only reads, nothing can be left unknown and every doubt is RETRYABLE."""
    code, meaning = _meaning(error)
    verdict = meaning.verdict
    if verdict is Verdict.UNKNOWN and not acts:
        verdict = Verdict.RETRYABLE
    return CarrierError(code, verdict, meaning.message, blames_number=meaning.blames_number)


def from_status(status: int, code: int | str | None) -> tuple[str, Meaning]:
    """What an HTTP answer of `status` with Twilio's `code` (None or the status itself when it sent none) means."""
    if code is not None and str(code) in CODES:
        return str(code), CODES[str(code)]
    shown = f"http-{status}" if code in (None, status) else str(code)
    if status in HTTP:
        return shown, HTTP[status]
    if status >= 500 or status < 400:
        return shown, _unknown("carrier failed while answering")
    return shown, _refused("carrier refused the request")


def _meaning(error: Exception) -> tuple[str, Meaning]:
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return from_status(int(error.status), error.code)
    if isinstance(error, TwilioException):
        return _from_list_error(error)
    if isinstance(error, requests.exceptions.JSONDecodeError | json.JSONDecodeError | UnicodeDecodeError):
        return "bad-answer", _unknown("answer is not JSON")
    if isinstance(error, requests.exceptions.RequestException):
        return _from_network(error)
    return "bad-answer", _unknown(f"answer has an unexpected shape ({type(error).__name__})")


def _from_list_error(error: TwilioException) -> tuple[str, Meaning]:
    """Lists raise a bare TwilioException holding the response [M]."""
    response = error.args[1] if len(error.args) > 1 else None
    status = getattr(response, "status_code", None)
    if not isinstance(status, int):
        return "bad-answer", _unknown("answer has an unexpected shape")
    try:
        code = json.loads(response.text).get("code")  # type: ignore[union-attr]
    except (ValueError, AttributeError):
        code = None
    return from_status(status, code)


def _from_network(error: requests.exceptions.RequestException) -> tuple[str, Meaning]:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "connect-timeout", _retry("no connection in time")
    if isinstance(error, requests.exceptions.ReadTimeout):
        return "timeout", _unknown("request left, no answer in time")
    if isinstance(error, ValueError):  # requests: InvalidURL, MissingSchema, InvalidHeader …
        return "bad-request", _retry("request could not be built; correct the carrier's address")
    if _never_left(error):
        return "connect", _retry("no connection")
    return "connection-lost", _unknown("connection lost after the request left")


def _never_left(error: BaseException) -> bool:
    """Whether the connection was never made, by what urllib3 says underneath."""
    return any(
        isinstance(
            cause,
            urllib3.exceptions.NewConnectionError
            | urllib3.exceptions.NameResolutionError
            | urllib3.exceptions.ConnectTimeoutError
            | ssl.SSLCertVerificationError
            | ConnectionRefusedError,
        )
        for cause in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        cause = todo.pop()
        if not isinstance(cause, BaseException) or cause in seen:
            continue
        seen.append(cause)
        yield cause
        todo += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
