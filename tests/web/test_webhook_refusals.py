"""What every callback endpoint refuses: forged, absent and replayed signatures, unknown ids, bad and huge forms."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import func, select

from app.domain.enums import AttemptState, ContactState
from app.models import Attempt, CarrierCallback, Visit
from app.webhooks import register
from tests.payloads.carrier import ACCOUNT, BASE, OUR_NUMBER, CallDriver, post, sid, sign, text_in
from tests.payloads.world import make_attempt, make_scene

UNKNOWN = "00000000-0000-4000-8000-000000000000"
STRANGER = "+8610099999999"
CALL = {"CallSid": "CA" + "a" * 32, "AccountSid": ACCOUNT, "From": OUR_NUMBER, "To": STRANGER}
TEXT = {"MessageSid": "SM" + "a" * 32, "AccountSid": ACCOUNT, "From": STRANGER, "To": OUR_NUMBER}
RECORDED = {"RecordingSid": "RE" + "a" * 32, "RecordingDuration": "3"}
ENDPOINTS = {
    f"voice/answer/{UNKNOWN}": CALL | {"CallStatus": "in-progress"},
    f"voice/step/{UNKNOWN}?seq=0": CALL | {"Digits": "1"},
    f"voice/status/{UNKNOWN}": CALL | {"CallStatus": "completed", "SequenceNumber": "3"},
    f"voice/machine/{UNKNOWN}": CALL | {"AnsweredBy": "machine_start"},
    f"voice/recording/{UNKNOWN}": CALL | RECORDED,
    f"sms/status/{UNKNOWN}": TEXT | {"MessageStatus": "delivered"},
    "voice/inbound": CALL | {"From": STRANGER, "To": OUR_NUMBER, "CallStatus": "ringing"},
    "sms/inbound": TEXT | {"Body": "您好"},
}
SPEAKING = ("voice/answer", "voice/step", "voice/inbound", "sms/inbound")
every_endpoint = pytest.mark.parametrize("path", ENDPOINTS)


@pytest.fixture
def client(app):
    register(app)
    return app.test_client()


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model))


@every_endpoint
def test_a_forged_signature_gets_403_and_leaves_nothing(client, session, path):
    answer = post(client, path, ENDPOINTS[path], token="another-token")
    assert (answer.status_code, answer.data) == (403, b"")
    assert count(session, CarrierCallback) == 0


@every_endpoint
def test_an_absent_signature_gets_403(client, path):
    answer = client.post(f"/carrier/simulator/{path}", data=ENDPOINTS[path])
    assert (answer.status_code, answer.data) == (403, b"")


@every_endpoint
def test_a_signature_over_other_parameters_gets_403(client, path):
    signature = sign(f"{BASE}/carrier/simulator/{path}", ENDPOINTS[path])
    changed = ENDPOINTS[path] | {"AccountSid": "AC" + "f" * 32}
    answer = client.post(f"/carrier/simulator/{path}", data=changed, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


@every_endpoint
def test_a_signature_for_another_address_gets_403(client, path):
    signature = sign(f"{BASE}/carrier/simulator/elsewhere", ENDPOINTS[path])
    answer = client.post(f"/carrier/simulator/{path}", data=ENDPOINTS[path], headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


@every_endpoint
def test_a_carrier_this_house_does_not_have_gets_403(client, path):
    assert post(client, path, ENDPOINTS[path], carrier="aliyun").status_code == 403


@every_endpoint
def test_a_body_of_one_megabyte_gets_413(client, session, path):
    answer = post(client, path, ENDPOINTS[path] | {"Extra": "x" * 1_000_000})
    assert (answer.status_code, answer.data) == (413, b"")
    assert count(session, CarrierCallback) == 0


@every_endpoint
def test_a_body_that_is_no_form_gets_403(client, path):
    headers = {"X-Twilio-Signature": sign(f"{BASE}/carrier/simulator/{path}", {})}
    assert client.post(f"/carrier/simulator/{path}", data=b"\xff\xfe\x00", headers=headers).status_code == 403


@every_endpoint
def test_a_signed_form_without_its_id_gets_400(client, session, path):
    params = {name: value for name, value in ENDPOINTS[path].items() if name not in ("CallSid", "MessageSid")}
    assert post(client, path, params).status_code == 400
    assert count(session, CarrierCallback) == 0


@every_endpoint
def test_an_id_that_is_none_gets_400(client, path):
    wrong = {name: "1; DROP TABLE" for name in ("CallSid", "MessageSid") if name in ENDPOINTS[path]}
    assert post(client, path, ENDPOINTS[path] | wrong).status_code == 400


@every_endpoint
def test_get_is_not_served(client, path):
    assert client.get(f"/carrier/simulator/{path}").status_code == 405


@every_endpoint
def test_an_unknown_id_is_answered_politely_and_kept(client, session, path):
    answer = post(client, path, ENDPOINTS[path])
    if path.startswith(SPEAKING):
        assert answer.status_code == 200
        assert answer.mimetype == "text/xml"
    else:
        assert (answer.status_code, answer.data) == (204, b"")
    assert count(session, CarrierCallback) == 1


@every_endpoint
def test_a_repeat_gets_the_same_answer_and_is_stored_once(client, session, path):
    first, second = post(client, path, ENDPOINTS[path]), post(client, path, ENDPOINTS[path])
    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert count(session, CarrierCallback) == 1


@every_endpoint
def test_no_cookie_is_set(client, path):
    assert "Set-Cookie" not in post(client, path, ENDPOINTS[path]).headers


@pytest.mark.parametrize("seq", ["", "-1", "x", "1e9", "9" * 12, "١"])
def test_a_step_number_that_is_none_gets_400(client, seq):
    assert post(client, f"voice/step/{UNKNOWN}?seq={seq}", CALL | {"Digits": "1"}).status_code in (400, 403)


@pytest.mark.parametrize(("name", "value"), [("Digits", "1'; --"), ("Digits", "1" * 65), ("CallSid", "CA1")])
def test_malformed_step_parameters_get_400(client, name, value):
    assert post(client, f"voice/step/{UNKNOWN}?seq=0", CALL | {"Digits": "1", name: value}).status_code == 400


def test_an_unknown_call_is_hung_up_on_politely(client):
    words = post(client, f"voice/answer/{UNKNOWN}", CALL | {"CallStatus": "in-progress"}).get_data(as_text=True)
    assert "谢谢" in words
    assert "<Hangup/>" in words


def test_a_call_for_a_household_reached_meanwhile_ends_at_once(client, session):
    scene = make_scene(session)
    attempt = make_attempt(session, scene.contact)
    scene.contact.state = ContactState.REACHED
    session.commit()
    call = CallDriver(client, attempt.token, scene.number)
    assert "<Gather" not in call.pick_up()


def test_another_call_with_our_token_is_told_nothing(client, session):
    scene = make_scene(session)
    attempt = make_attempt(session, scene.contact, carrier_id=sid("CA"))
    call = CallDriver(client, attempt.token, scene.number)
    assert "姓" not in call.pick_up()


def test_a_step_that_was_answered_before_changes_nothing(client, session):
    scene = make_scene(session)
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()
    first_step = call.action
    call.press("1")
    late = post(client, first_step, {**call.params, "CallStatus": "in-progress", "Digits": "4"})
    assert late.get_data(as_text=True) == call.twiml
    call.press("1", "1")
    call.end()
    assert count(session, Visit) == 1


def test_callbacks_of_a_finished_call_never_move_it_back(client, session):
    scene = make_scene(session)
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()
    call.press("1", "1")
    call.end()
    for word in ("ringing", "in-progress", "busy", "failed", "completed"):
        assert call.status(word).status_code == 204
    session.expire_all()
    [attempt] = session.scalars(select(Attempt))
    assert attempt.state is AttemptState.DONE
    assert count(session, Visit) == 1


def test_an_unknown_status_word_is_stored_raw_and_guessed_at_by_nobody(client, session):
    scene = make_scene(session)
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    assert call.status("levitating").status_code == 204
    session.expire_all()
    [attempt] = session.scalars(select(Attempt))
    assert (attempt.state, attempt.raw_state) == (AttemptState.DISPATCHED, "levitating")


def test_a_failure_is_told_to_the_carrier_and_leaves_nothing_half_done(client, session, monkeypatch, caplog):
    scene = make_scene(session)
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()

    def fail(*args, **kwargs):
        raise RuntimeError("digits 4711 of +8610012345678")

    monkeypatch.setattr("app.services.dialogues.step", fail)
    assert post(client, call.action, {**call.params, "Digits": "1"}).status_code == 500
    assert "4711" not in caplog.text
    assert [row.kind for row in session.scalars(select(CarrierCallback))] == ["answered"]


def test_logs_hold_no_number_no_digits_and_no_name(client, session, caplog):
    caplog.set_level(logging.DEBUG)
    scene = make_scene(session)
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()
    call.press("1", "1", "3", "1", "1", "1", "1", "2", "2")
    call.end()
    text_in(client, scene.number, "家里有人住院")
    post(client, "sms/inbound", {**TEXT, "Body": "赵试一"}, token="forged")
    post(client, f"voice/step/{call.token}?seq=x", {**call.params, "Digits": "1"})
    for secret in (scene.number, scene.number[-4:], OUR_NUMBER, "赵", "住院", scene.worker.name, call.token):
        assert secret not in caplog.text


def test_the_stored_callback_holds_no_number_and_no_digits(client, session):
    scene = make_scene(session)
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()
    call.press("1", "2")
    for row in session.scalars(select(CarrierCallback)):
        assert set(row.detail) <= {"carrier_id", "state"}
