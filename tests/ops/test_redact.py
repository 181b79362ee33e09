"""No secret reaches a log, however it is wrapped."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ops.redact import REDACTED, redact, redact_value

# Made here, so that no scanner takes them for real ones.
BODY = "Zk3_" + "aB-9" * 10
TOKEN = f"nmv_usr_{BODY[:43]}"
CLAIM = "clm_" + "Q7w-" * 8
PASSWORD = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"token {TOKEN} was refused",
        f"'{TOKEN}'",
        f"x{TOKEN}",
        f"next%3Dct%3D{CLAIM}",
        f"https://host/workspace/claim?ct={CLAIM}&x=1",
        f"Authorization: Bearer {TOKEN}",
        f"authorization: {BODY}",
        f"AUTHORIZATION:Basic {BODY}",
        f"{{'authorization': 'Bearer {BODY}'}}",
        f"(b'authorization', b'Bearer {BODY}')",
        f'curl -H "Authorization: Bearer {BODY}" https://host/',
        f"Bearer {BODY}",
        f"Cookie: theme=dark; session={BODY}",
        f"(b'cookie', b'a=1; session={BODY}')",
        f"Set-Cookie: sid={BODY}; HttpOnly",
        f"X-API-Key: {BODY}",
        f"GET /d/1.mp4?expires=17&sig={BODY} HTTP/1.1",
        f"https://host/a?Signature={BODY}&Expires=1",
        f"https://host/a?X-Amz-Credential={BODY}&X-Amz-Signature={BODY}",
        f"https://host/a?next=%2Fb%3Fsig%3D{BODY}",
        f"postgresql+psycopg://anna:{PASSWORD}@db:5432/multiplane",
        f"could not connect to postgresql://:p@{PASSWORD}@db/x",
        f"password={PASSWORD}",
        f"password: {PASSWORD}",
        f"new_password_again = '{PASSWORD}'",
        f'{{"password": "{PASSWORD}"}}',
        f'{{"password":"quo\\"te{PASSWORD}"}}',
        f"Login(name='anna', password='it\\'s {PASSWORD}')",
        f'"{{\\"password\\": \\"{PASSWORD}\\"}}"',
        f"input_value={{'name': 'anna', 'password': '{PASSWORD}...",
        f"passwd={PASSWORD}&x=1",
        f"password\n  String too short [type=string_too_short, input_value='{PASSWORD}', input_type=str]",
        f"[{{'loc': ('body', 'password'), 'msg': 'too short', 'input': '{PASSWORD}'}}]",
        f"[SQL: INSERT INTO users VALUES (?, ?)]\n[parameters: ('anna', '{PASSWORD}')]",
        f"secret_key={PASSWORD}",
        f"environ['MULTIPLANE_PLANNER_KEY'] = '{PASSWORD}'",
        f"MULTIPLANE_PLANNER_KEY={PASSWORD}",
        f"$argon2id$v=19$m=65536,t=3,p=4${BODY}${BODY}",
        f"-----BEGIN PRIVATE KEY-----\n{'QUJD' * 16}\n-----END PRIVATE KEY-----",
    ],
)
def test_a_secret_is_replaced(text: str) -> None:
    cleaned = redact(text)
    assert REDACTED in cleaned
    for secret in (BODY, BODY[:43], BODY[-12:], CLAIM[4:], PASSWORD, "QUJD"):
        assert secret not in cleaned
    assert redact(cleaned).count(REDACTED) == cleaned.count(REDACTED), "a second time changes nothing"


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/state/nemo_agent/me/5529798706024415232/latest 200",
        "render_1712 of anon_9f2c41d07ab3 took 12.5 s",
        "https://host:8000/a/b.mp4?expires=17",
        "the basic idea",
        "mail anna@example.org",
        "photo.jpg: the file is empty: choose another.",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=30), st.text(max_size=30))
def test_our_tokens_are_found_in_any_text(before: str, after: str) -> None:
    token = "nmv_usr_" + secrets.token_urlsafe(32)
    assert token.removeprefix("nmv_usr_") not in redact(f"{before}{token}{after}")


def test_a_secret_setting_is_found_wherever_its_value_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.planner.site import KEY

    monkeypatch.setenv(KEY.variable, "plain-looking words")
    assert redact("the server said: plain-looking words are wrong") == f"the server said: {REDACTED} are wrong"


def test_values_are_cleaned_to_the_bottom_and_stay_json() -> None:
    given_value = {
        "headers": [(b"authorization", f"Bearer {BODY}"), {"X-Api-Key": BODY}],
        "password": {"nested": PASSWORD},
        TOKEN: 1,
        "ratio": float("nan"),
        "flag": True,
        "none": None,
    }
    cleaned = redact_value(given_value)
    assert BODY not in repr(cleaned)
    assert PASSWORD not in repr(cleaned)
    assert isinstance(cleaned, dict)
    assert (cleaned["ratio"], cleaned["flag"], cleaned["none"]) == ("nan", True, None)


def test_values_that_have_no_end_or_no_text_do_no_harm() -> None:
    class Rude:
        def __str__(self) -> str:
            raise RuntimeError("no")

    loop: list[object] = [Rude()]
    loop.append(loop)
    assert "Rude" in repr(redact_value(loop))
