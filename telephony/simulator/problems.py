"""Errors as the REST API tells them: `{code, message, more_info, status}`."""

from __future__ import annotations

from telephony.simulator.wire import SimResponse

MESSAGES: dict[int, str] = {
    10004: "Call concurrency limit exceeded",
    20001: "Unknown or invalid parameter",
    20003: "Authenticate",
    20004: "Method not allowed",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "Service unavailable",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL",
    21210: "'From' phone number not verified",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid 'From' Phone Number",
    21213: "No 'From' number is specified",
    21214: "'To' phone number cannot be reached",
    21215: "Account not authorized to call this number",
    21216: "Call blocked by blocklist",
    21217: "Phone number does not appear to be valid",
    21220: "Invalid call state",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21602: "Message body is required",
    21603: "A 'From' or 'MessagingServiceSid' parameter is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' phone number provided is not a valid, SMS-capable inbound phone number",
    21609: "Invalid callback URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number is not currently reachable via SMS",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21701: "The Messaging Service does not exist",
    30410: "Validity period must be 1 to 36000 seconds",
}


class Problem(Exception):
    """A refused request; `status` is the HTTP status."""

    def __init__(self, code: int, status: int = 400, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status = status
        self.detail = detail

    def response(self) -> SimResponse:
        message = MESSAGES.get(self.code, "Error") + (f": {self.detail}" if self.detail else "")
        more_info = f"https://www.twilio.com/docs/errors/{self.code}"
        payload = {"code": self.code, "message": message, "more_info": more_info, "status": self.status}
        return SimResponse.json(self.status, payload)
