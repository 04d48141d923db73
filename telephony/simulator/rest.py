"""The REST surface, API 2010-04-01: routing, authentication, the faults of the wire, and the small resources."""

from __future__ import annotations

import re
from dataclasses import replace

from telephony.simulator.calls_api import CallsApi
from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel
from telephony.simulator.listing import fits, page, time_filters
from telephony.simulator.messages_api import MessagesApi
from telephony.simulator.model import API, make_sid
from telephony.simulator.problems import Problem
from telephony.simulator.recording import tone
from telephony.simulator.settings import NumberConfig
from telephony.simulator.switchboard import Switchboard
from telephony.simulator.texts import Texts
from telephony.simulator.wire import SimRequest, SimResponse, rfc2822

_PATH = re.compile(r"/2010-04-01/Accounts/(?P<account>AC\w+)(?:/(?P<kind>\w+)(?:/(?P<sid>[^/.]+))?)?(?P<ext>\.\w+)?")
_BURSTS = (("http_500", 500, 20500), ("http_503", 503, 20503), ("http_429", 429, 20429))


class Rest:
    def __init__(self, kernel: Kernel, board: Switchboard, texts: Texts, faults: FaultPlan) -> None:
        self.kernel = kernel
        self.board = board
        self.faults = faults
        self.calls = CallsApi(kernel, board, faults)
        self.messages = MessagesApi(kernel, board, texts, faults)
        self._count = 0

    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one request; a refusal is an error document, never an exception."""
        self._count += 1
        try:
            for name, status, code in _BURSTS:
                if self.faults.burst(name, self._count):
                    raise Problem(code, status)
            response = self._route(request)
        except Problem as problem:
            self.kernel.log("response", None, n=self._count, status=problem.status, code=problem.code)
            return problem.response()
        if request.method == "POST" and response.status == 201:
            response = self._spoil(response)
        self.kernel.log(
            "response", None, n=self._count, status=response.status, hold_s=response.hold_s, lost=response.lost
        )
        return response

    def _route(self, request: SimRequest) -> SimResponse:
        settings = self.kernel.settings
        found = _PATH.fullmatch(request.path)
        if request.auth != (settings.account_sid, settings.auth_token):
            raise Problem(20003, 401)
        if found is None or found["account"] != settings.account_sid:
            raise Problem(20404, 404, request.path)
        match found["kind"]:
            case "Calls":
                return self.calls.handle(request, found["sid"])
            case "Messages":
                return self.messages.handle(request, found["sid"])
            case "Recordings":
                return self._recordings(request, found["sid"], found["ext"])
            case "IncomingPhoneNumbers":
                return self._numbers(request, found["sid"])
            case None:
                return self._account(request)
        raise Problem(20404, 404, request.path)

    def _spoil(self, response: SimResponse) -> SimResponse:
        """What may go wrong with the answer to a create that was acted on."""
        for name in ("callback_before_create", "create_latency"):
            if (seconds := self.faults.hit(name, self._count)) is not None:
                response = replace(response, hold_s=max(response.hold_s, seconds))
        for name, lost in (("create_timeout_placed", "timeout"), ("create_closed_socket", "closed")):
            if self.faults.hit(name, self._count) is not None:
                return replace(response, lost=lost)
        if self.faults.hit("malformed_json", self._count) is not None:
            response = replace(response, body=response.body[: len(response.body) // 2])
        return response

    def _account(self, request: SimRequest) -> SimResponse:
        account = self.kernel.settings.account_sid
        payload: dict[str, object] = {
            "sid": account,
            "friendly_name": "carrier simulator",
            "status": "active",
            "type": "Full",
            "auth_token": "",
            "date_created": rfc2822(self.kernel.now),
            "date_updated": rfc2822(self.kernel.now),
            "owner_account_sid": account,
            "uri": f"{API}/{account}.json",
            "subresource_uris": {},
        }
        return SimResponse.json(200, payload)

    # -- recordings ------------------------------------------------------------------------------------------------
    def _recordings(self, request: SimRequest, sid: str | None, extension: str | None) -> SimResponse:
        settings, now = self.kernel.settings, self.kernel.now
        kept = self.board.recorder.recordings
        if sid is None:
            call_sid, wanted = request.arg("CallSid"), list(kept.values())
            if call_sid is not None:
                wanted = [item for item in wanted if item.call_sid == call_sid]
            created = time_filters(request, "DateCreated")
            wanted = [item for item in wanted if fits(item.started_at, created)]
            rows = [item.as_json(settings.account_sid, settings.public_url, now) for item in reversed(wanted)]
            return page(request, "recordings", rows)
        recording = kept.get(sid)
        if recording is None:
            raise Problem(20404, 404, request.path)
        if request.method == "DELETE":
            del kept[sid]
            return SimResponse(204, b"")
        if extension == ".json":
            return SimResponse.json(200, recording.as_json(settings.account_sid, settings.public_url, now))
        if recording.status_at(now) != "completed":
            raise Problem(20404, 404, "the audio is not there yet")
        pitch = 300 + int(sid[2:6], 16) % 500
        return SimResponse(200, tone(recording.seconds, pitch), "audio/x-wav")

    # -- owned numbers ---------------------------------------------------------------------------------------------
    def _numbers(self, request: SimRequest, sid: str | None) -> SimResponse:
        settings = self.kernel.settings
        by_sid = {make_sid("PN", number): config for number, config in settings.numbers.items()}
        if sid is None:
            wanted = request.arg("PhoneNumber")
            rows = [self._number_json(key, item) for key, item in by_sid.items() if wanted in (None, item.number)]
            return page(request, "incoming_phone_numbers", rows)
        if sid not in by_sid:
            raise Problem(20404, 404, request.path)
        config = by_sid[sid]
        if request.method == "POST":
            configure(config, dict(request.form))
        return SimResponse.json(200, self._number_json(sid, config))

    def _number_json(self, sid: str, config: NumberConfig) -> dict[str, object]:
        account = self.kernel.settings.account_sid
        return {
            "sid": sid,
            "account_sid": account,
            "phone_number": config.number,
            "friendly_name": config.number,
            "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
            "voice_url": config.voice_url,
            "voice_method": config.voice_method,
            "sms_url": config.sms_url,
            "sms_method": config.sms_method,
            "status_callback": config.status_url,
            "status_callback_method": config.status_method,
            "status": "in-use",
            "api_version": "2010-04-01",
            "uri": f"{API}/{account}/IncomingPhoneNumbers/{sid}.json",
        }


def configure(config: NumberConfig, options: dict[str, str]) -> None:
    """Set an owned number's URLs from Twilio's parameter names; absent ones stay."""
    for name, attribute in (
        ("VoiceUrl", "voice_url"),
        ("VoiceMethod", "voice_method"),
        ("SmsUrl", "sms_url"),
        ("SmsMethod", "sms_method"),
        ("StatusCallback", "status_url"),
        ("StatusCallbackMethod", "status_method"),
    ):
        if name in options:
            setattr(config, attribute, options[name])
