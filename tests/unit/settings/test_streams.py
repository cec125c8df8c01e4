"""Stream URLs: what a client can connect with, and that a password never shows."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.connection import parse_url

from node.settings import forms
from node.settings.streams import has_password, stream_problem, without_password

ACCEPTED = [
    "redis://127.0.0.1:6379/0",
    "redis://localhost",
    "redis://[::1]:6379",
    "redis://reader:secret@stream.example:6380/1",
    "redis://:secret@stream.example",
    "rediss://reader:secret@stream.example:6380?ssl_ca_certs=/etc/ca.pem",
    "unix:///run/valkey.sock",
    "unix://reader:secret@/run/valkey.sock?db=1",
]

REFUSED = {
    "": "must begin with",
    "127.0.0.1:6379": "must begin with",
    "http://127.0.0.1:6379": "must begin with",
    "redis://": "names no host",
    "redis://:6379": "names no host",
    "redis://host:0": "has port 0",
    "redis://host:99999": "is not a URL",
    "redis://host:port": "is not a URL",
    "redis://host/name": "must end in a database number",
    "redis://[::1": "is not a URL",
    "unix://run/valkey.sock": "absolute path",
    "unix://": "names no socket",
    "rediss://host?ssl_cert_reqs=none": "has the option 'ssl_cert_reqs'",
    "rediss://host?ssl_check_hostname=False": "has the option 'ssl_check_hostname'",
    "redis://host?password=secret": "has the option 'password'",
}


@pytest.mark.parametrize("url", ACCEPTED)
def test_accepted_and_understood_by_the_client_library(url: str) -> None:
    assert forms.stream(url) == url
    parse_url(url)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("url", REFUSED)
def test_refused(url: str) -> None:
    with pytest.raises(ValueError, match=REFUSED[url]):
        forms.stream(url)


passwords = st.text(min_size=6, max_size=40)


@given(user=st.text(max_size=8), password=passwords)
def test_a_password_is_found_and_never_shown(user: str, password: str) -> None:
    place = f"{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:6379"
    url = f"redis://{place}/0"
    assert stream_problem(url) is None
    assert has_password(url)
    assert without_password(url) == f"redis://{quote(user, safe='')}:***@127.0.0.1:6379/0"


@given(st.text())
def test_whatever_is_given_no_problem_repeats_it(text: str) -> None:
    secret = "s3cretPassw0rd"
    problem = stream_problem(f"redis:/{text}:{secret}@host?{text}")
    assert problem is None or secret not in problem


def test_a_url_without_a_password_is_shown_as_it_is() -> None:
    url = "redis://reader@127.0.0.1:6379/0"
    assert not has_password(url)
    assert without_password(url) == url
