"""T51: what the service sends is signed as Standard Webhooks says; what was changed, or is old, is refused."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from signet.service.webhooks.signing import is_secret, missing, signed
from tests.fuzz import effort
from tests.service.subscribed import OLD, SECRET

ID, BODY = "a" * 64, b'{"test": "\xc3\xa9"}'


def test_the_vector_of_the_specification() -> None:
    """The example that the specification of Standard Webhooks is published with."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    ("change", "body", "age"),
    [
        ({"webhook-id": "b" * 64}, BODY, 0),
        ({}, BODY + b" ", 0),
        ({}, BODY, 6 * 60),
        ({}, BODY, -6 * 60),
        ({"webhook-timestamp": str(int(time.time()) - 60)}, BODY, 0),
        ({"webhook-signature": "v1,"}, BODY, 0),
        ({"webhook-signature": "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, BODY, 0),
        ({"webhook-signature": ""}, BODY, 0),
    ],
)
def test_what_is_not_as_it_was_sent_is_refused(change: dict[str, str], body: bytes, age: int) -> None:
    headers = signed([SECRET], ID, time.time() - age, BODY)
    if not age:
        assert Webhook(SECRET).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, headers | change)


def test_another_secret_is_refused_and_both_count_while_one_is_replaced() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(BODY, signed([SECRET], ID, time.time(), BODY))
    both = signed([SECRET, OLD], ID, time.time(), BODY)
    assert Webhook(OLD).verify(BODY, both)
    assert Webhook(SECRET).verify(BODY, both)


@effort(50)
@given(st.binary(min_size=24, max_size=64), st.text("0123456789abcdef", min_size=64, max_size=64), st.text())
def test_the_verifier_takes_whatever_is_signed(key: bytes, event: str, body: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    assert is_secret(secret)
    data = body.encode("utf-8", "replace")
    Webhook(secret).verify(data, signed([secret], event, datetime.now(UTC).timestamp(), data), json_parse=False)


@pytest.mark.parametrize("text", ["", "whsec_", "hunter2", "whsec_c2hvcnQ=", "whsec_" + "A" * 200, "whsec_ä"])
def test_what_cannot_sign_is_said_without_showing_it(text: str) -> None:
    reason = missing(["SIGNET_WEBHOOK_KEY"], {"SIGNET_WEBHOOK_KEY": text}, signing=True)
    assert "SIGNET_WEBHOOK_KEY" in reason
    assert not text or text not in reason.replace("whsec_ and", "")
