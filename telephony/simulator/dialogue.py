"""One answered call: fetch TwiML, run it, let the person listen, press, speak, or hang up."""

from __future__ import annotations

from collections.abc import Callable

from telephony.simulator.bridge import Bridge
from telephony.simulator.callbacks import Outcome
from telephony.simulator.kernel import Timer
from telephony.simulator.listening import Press, press_outcome, spoken_seconds
from telephony.simulator.model import Call
from telephony.simulator.parts import Parts
from telephony.simulator.persona import Reaction, react
from telephony.simulator.population import Persona, between
from telephony.simulator.recording import Recorder
from telephony.simulator.twiml import TwimlError, Verb, parse
from telephony.simulator.wire import Pairs, WebhookFailure, absolute, is_url

MAX_DOCUMENTS = 200  # a script that only redirects to itself ends here, as at the carrier


class Dialogue:
    """Runs the documents of one call. `outcome` says who picked up: human, silent, voicemail …"""

    def __init__(
        self, parts: Parts, recorder: Recorder, bridge: Bridge, call: Call, persona: Persona, outcome: str
    ) -> None:
        self.parts = parts
        self.recorder = recorder
        self.bridge = bridge
        self.kernel = parts.kernel
        self.call = call
        self.persona = persona
        self.outcome = outcome
        self.url = call.url
        self.method = call.method
        self.heard = ""  # everything said in this call
        self.step = 0  # questions so far
        self._since_question = ""
        self._verbs: list[Verb] = []
        self._documents = 0
        self._timers: list[Timer] = []

    # -- documents -------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        rng = self.kernel.rng("person", self.call.sid)
        if self.persona.hang_up_at == 0 and self.outcome == "human":
            self.after(between((0.5, 4.0), rng), lambda: self.hang_up("callee"))
        elif self.outcome in ("voicemail", "voicemail_no_beep"):
            self.after(rng.uniform(60.0, 120.0), lambda: self.hang_up("voicemail-full"))
        elif self.outcome == "silent":
            self.after(rng.uniform(15.0, 90.0), lambda: self.hang_up("callee"))
        if self.call.twiml is not None:
            self._run_document(self.call.twiml.encode(), "text/xml")
        else:
            extra = [("AnsweredBy", self.call.answered_by)] if self.call.answered_by else []
            self.fetch(self.call.url, self.call.method, extra)

    def fetch(self, url: str, method: str, extra: Pairs = ()) -> None:
        """Ask the application for the next document; relative URLs go from the current one."""
        self._documents += 1
        if self._documents > MAX_DOCUMENTS:
            self._break_off(11205, url)
            return
        target = absolute(url, self.url)
        if not is_url(target):
            self._break_off(11100, url)
            return
        self.url, self.method = target, method
        self.parts.dialling.ask(self.call, target, method, extra, lambda outcome: self._fetched(target, outcome))

    def _fetched(self, url: str, outcome: Outcome) -> None:
        if self.call.is_over:
            return
        if isinstance(outcome, WebhookFailure) or not 200 <= outcome.status < 300:
            code = 11205 if isinstance(outcome, WebhookFailure) else 11200
            if self.call.fallback_url and url != self.call.fallback_url:
                extra = [("ErrorCode", str(code)), ("ErrorUrl", url)]
                self.fetch(self.call.fallback_url, self.call.fallback_method, extra)
            else:
                self._break_off(code, url)
            return
        headers = {name.lower(): value for name, value in outcome.headers.items()}
        self._run_document(outcome.body, headers.get("content-type", "text/xml"))

    def _run_document(self, body: bytes, content_type: str) -> None:
        try:
            verbs = parse(body, content_type)
        except TwimlError as error:
            self._break_off(error.code, self.url, str(error))
            return
        self.kernel.log("twiml", self.call.sid, url=self.url, verbs=[verb.name for verb in verbs])
        self._verbs = list(verbs)
        self._clear()
        if self.call.status == "ringing" and not (verbs and verbs[0].name == "Reject"):
            self.parts.dialling.connect(self.call, self.outcome)
        self.next_verb()

    def replace(self, url: str | None, method: str, twiml: str | None) -> None:
        """A REST update of a live call: drop what is playing and go on elsewhere."""
        self._clear()
        if twiml is not None:
            self._run_document(twiml.encode(), "text/xml")
        elif url:
            self.fetch(url, method)

    # -- verbs -----------------------------------------------------------------------------------------------------
    def next_verb(self) -> None:
        if self.call.is_over:
            return
        if not self._verbs:
            self.hang_up("end-of-document")
            return
        verb = self._verbs.pop(0)
        self.kernel.log("verb", self.call.sid, verb=verb.name, text=verb.text, **dict(verb.attributes))
        match verb.name:
            case "Say" | "Play" | "Pause":
                self._listen(verb)
                self.play(spoken_seconds(verb), self.next_verb)
            case "Gather":
                self._gather(verb)
            case "Record":
                self.recorder.record(self, verb)
            case "Redirect":
                self.fetch(verb.text, verb.get("method", "POST"))
            case "Dial":
                self.bridge.dial(self, verb)
            case "Reject":
                status = "busy" if verb.get("reason", "rejected") == "busy" else "no-answer"
                self.parts.dialling.finish(self.call, status, 603, by="reject")
            case _:
                self.hang_up("hangup-verb")

    def _listen(self, verb: Verb) -> None:
        self.heard += verb.text if verb.name == "Say" else f" {verb.text} " if verb.name == "Play" else ""
        self._since_question += verb.text

    def _gather(self, verb: Verb) -> None:
        for child in verb.children:
            self._listen(child)
        prompt, self._since_question = self._since_question, ""
        prompt_s = sum(spoken_seconds(child) for child in verb.children)
        self.step += 1
        reaction = self._react(prompt)
        press = press_outcome(verb, prompt_s, reaction)
        if reaction.hang_up:
            self.play(prompt_s + reaction.after_s, lambda: self.hang_up("callee"))
            return
        self.play(press.at_s, lambda: self._gathered(verb, press))

    def _react(self, prompt: str) -> Reaction:
        if self.outcome != "human":
            return Reaction(keys="")
        rng = self.kernel.rng("react", self.call.sid, self.step)
        rules = self.parts.population.rules(self.persona, self.heard)
        return react(self.persona, rules, prompt, self.step, rng)

    def _gathered(self, verb: Verb, press: Press) -> None:
        if press.pressed:
            self.kernel.log(
                "digits", self.call.sid, number=self.call.party, step=self.step, pressed=press.pressed,
                submitted=press.submitted, reason=press.reason,
            )  # fmt: skip
        if not press.submitted and not verb.flag("actionOnEmptyResult", False):
            self.next_verb()
            return
        extra = [("Digits", press.submitted), ("FinishedOnKey", press.finished_on), ("msg", "Gather End")]
        self.fetch(verb.get("action", self.url), verb.get("method", "POST"), extra)

    # -- the end ---------------------------------------------------------------------------------------------------
    def hang_up(self, by: str) -> None:
        self.parts.dialling.finish(self.call, "completed", 200, by=by)

    def _break_off(self, code: int, url: str, reason: str = "") -> None:
        """The carrier says that an application error has occurred, and hangs up."""
        self.kernel.log("error", self.call.sid, code=code, url=url, reason=reason)
        self._clear()
        self._verbs = []
        self.after(4.0, lambda: self.hang_up("application-error"))

    def after(self, delay_s: float, action: Callable[[], None]) -> Timer:
        def happen() -> None:
            if not self.call.is_over:
                action()

        return self.kernel.schedule(round(delay_s, 3), happen)

    def play(self, delay_s: float, action: Callable[[], None]) -> None:
        """Like `after`, for what a new document interrupts."""
        self._timers.append(self.after(delay_s, action))

    def _clear(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
