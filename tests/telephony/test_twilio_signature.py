"""Only Twilio's own webhooks pass (TELEPHONY §2, Signature)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from telephony.twilio.signature import SignatureChecker
from telephony.twilio.urls import public_url, with_retries

URL = "https://shouwang.example/carrier/twilio/voice/step?token=t1&seq=3"
FORM = [("CallSid", "CA1"), ("Digits", "1"), ("Empty", ""), ("Caller", "王")]
NEW, OLD = "new-token", "old-token"
CHECKER = SignatureChecker([NEW, OLD], {"key1": "shared-secret"})


def sign(form, token=NEW, url=URL, algorithm=None) -> str:
    grouped: dict[str, list[str]] = {}
    for name, value in form:
        grouped.setdefault(name, []).append(value)

    class Multi(dict):
        def getall(self, name):
            return self[name]

    return RequestValidator(token).compute_signature(url, Multi(grouped), algorithm)


def test_a_documented_example_is_accepted():
    """Twilio's own worked example (docs, "Validating requests"): token 12345."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675310"),
        ("Digits", "1234"),
        ("From", "+14158675310"),
        ("To", "+18005551212"),
    ]
    assert SignatureChecker(["12345"]).check(url, form, "GvWf1cFY/Q7PnoempGyD5oXAezc=")


@pytest.mark.parametrize("token", [NEW, OLD])
def test_every_token_of_a_rotation_is_valid(token):
    assert CHECKER.check(URL, FORM, sign(FORM, token))


def test_a_foreign_token_is_refused():
    assert not CHECKER.check(URL, FORM, sign(FORM, "stolen"))


@pytest.mark.parametrize("signature", [None, "", "x", "王", "\udcff", "=" * 10_000])
def test_an_absent_or_senseless_signature_is_refused(signature):
    assert not CHECKER.check(URL, FORM, signature)


@pytest.mark.parametrize(
    "form",
    [FORM[:-1], [*FORM, ("More", "1")], [("CallSid", "CA2"), *FORM[1:]], [pair for pair in FORM if pair[1]]],
)
def test_a_changed_form_is_refused(form):
    assert not CHECKER.check(URL, form, sign(FORM))


def test_another_address_is_refused():
    assert not CHECKER.check(URL.replace("t1", "t2"), FORM, sign(FORM))


def test_the_order_of_the_form_does_not_matter():
    assert CHECKER.check(URL, FORM[::-1], sign(FORM))


def test_repeated_keys_are_signed_as_twilio_signs_them():
    form = [("To", "a"), ("To", "b"), ("To", "a"), ("From", "c")]
    assert CHECKER.check(URL, form, sign(form))


def test_a_port_that_twilio_added_is_accepted():
    assert CHECKER.check(URL, FORM, sign(FORM, url=URL.replace(".example/", ".example:443/")))


def test_sha256_with_a_shared_key():
    signature = sign(FORM, "shared-secret", algorithm="HMAC_SHA256")
    assert CHECKER.check(URL, FORM, signature, "key=key1,algorithm=HMAC_SHA256")


def test_sha256_with_the_wrong_shared_key_is_refused():
    signature = sign(FORM, "other", algorithm="HMAC_SHA256")
    assert not CHECKER.check(URL, FORM, signature, "key=key1,algorithm=HMAC_SHA256")


def test_sha256_is_not_read_as_sha1():
    assert not CHECKER.check(URL, FORM, sign(FORM), "algorithm=HMAC_SHA256")


@pytest.mark.parametrize("settings", ["algorithm=HMAC_MD5", "algorithm=none", "algorithm=王"])
def test_an_unknown_algorithm_is_refused(settings):
    assert not CHECKER.check(URL, FORM, sign(FORM), settings)


def test_a_checker_without_secrets_cannot_be_made():
    with pytest.raises(ValueError, match="TWILIO_AUTH_TOKEN"):
        SignatureChecker(["", ""])


PAIRS = st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=6)


@given(PAIRS)
def test_agrees_with_the_official_validator(form):
    assert CHECKER.check(URL, form, sign(form))


@given(st.text(max_size=40), PAIRS, st.text(max_size=40), st.text(max_size=40))
def test_never_raises_and_never_accepts_noise(url, form, signature, settings):
    assert CHECKER.check(url, form, signature, settings) is False


@pytest.mark.parametrize(
    ("base", "path", "query", "url"),
    [
        ("https://a.cn", "/x", "", "https://a.cn/x"),
        ("https://a.cn/", "/x", "t=1", "https://a.cn/x?t=1"),
        ("https://a.cn/base", "/x", "t=%20", "https://a.cn/base/x?t=%20"),
    ],
)
def test_the_address_comes_from_the_configured_base(base, path, query, url):
    assert public_url(base, path, query) == url


def test_the_retry_policy_is_a_fragment_appended_once():
    assert with_retries(with_retries("https://a.cn/x?t=1")) == "https://a.cn/x?t=1#rc=5&rp=all"
