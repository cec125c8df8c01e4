"""A cluster file, and the credentials that go with it: each defect has its own sentence."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from node.cluster import ClusterFolder
from node.settings import SettingsError, read_cluster_settings
from node.settings.administrator import read_administrator

WRONG = {
    "no account": (r"^account.*$", "", "account is missing"),
    "account of letters": (r"111122223333", "aaaabbbbcccc", "account is not an account ID"),
    "account as a number": (r'"111122223333"', "111122223333", "account must be a text"),
    "account of other digits": (r"111122223333", "١١١١٢٢٢٢٣٣٣٣", "account is not an account ID"),
    "no endpoint": (r"^endpoint.*$", "", "regions.us-east-1.endpoint is missing"),
    "endpoint that is no URL": (r"http://127.0.0.1:4601", "127.0.0.1", "endpoint is not a URL"),
    "endpoint of another scheme": (r"http://127", "ftp://127", "endpoint is not a URL"),
    "endpoint with a path": (r":4601", ":4601/kms", "endpoint must be a URL of a scheme"),
    "endpoint with a password": (r"http://127", "http://a:b@127", "must be a URL of a scheme"),
    "endpoint with a bad port": (r":4601", ":46o1", "endpoint is not a URL"),
    "stream of another scheme": (r"redis://", "http://", "stream must begin with redis://"),
    "signing key not base64": (r'^signing_key = "', 'signing_key = "!', "not base64"),
    "sealing key too short": (
        r'^(sealing_key = ").*"',
        r'\1AAAA"',
        "do not make a public identity",
    ),
    "a region with a capital": (r"regions.us-east-1", "regions.US-east-1", "is not the name"),
    "a region that is no table": (r"\Z", "\n[regions]\nsa-east-1 = 1\n", "must be a table"),
    "an unknown setting": (r"^stream =", 'Stream = "x"\nstream =', "perhaps it should be stream"),
}


@pytest.mark.parametrize("name", WRONG)
def test_refused_in_one_sentence(folder: ClusterFolder, name: str) -> None:
    pattern, replacement, expected = WRONG[name]
    text = folder.cluster_file.read_text()
    folder.cluster_file.write_text(
        re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE), encoding="utf-8"
    )
    with pytest.raises(SettingsError) as caught:
        read_cluster_settings(folder.cluster_file)
    assert expected in str(caught.value)
    assert str(folder.cluster_file) in str(caught.value)


def test_no_region_is_refused(folder: ClusterFolder) -> None:
    folder.cluster_file.write_text('account = "111122223333"\n[regions]\n')
    with pytest.raises(SettingsError, match="names no region"):
        read_cluster_settings(folder.cluster_file)


def test_a_password_in_an_open_file_is_refused(folder: ClusterFolder) -> None:
    text = folder.cluster_file.read_text().replace("redis://", "rediss://node:hunter2@", 1)
    folder.cluster_file.write_text(text)
    with pytest.raises(SettingsError, match=r"close it with `chmod 600") as caught:
        read_cluster_settings(folder.cluster_file)
    assert "hunter2" not in str(caught.value)
    folder.cluster_file.chmod(0o600)
    settings = read_cluster_settings(folder.cluster_file).regions["us-east-1"]
    assert settings.stream == "rediss://node:hunter2@127.0.0.1:4603/0"
    assert settings.stream_shown == "rediss://node:***@127.0.0.1:4603/0"


WRONG_CREDENTIALS: dict[str, tuple[dict[str, Any], str]] = {
    "no secret": ({"secret_access_key": None}, "secret_access_key is missing"),
    "short secret": ({"secret_access_key": "hunter2"}, "is shorter than 32"),
    "secret of another kind": ({"secret_access_key": 1}, "must be a text"),
    "access key of small letters": ({"access_key_id": "akia" * 5}, "is not 16 to 128 capital"),
    "principal elsewhere": ({"principal": "arn:aws:iam::999999999999:user/a"}, "same account"),
    "more than it should hold": ({"session_token": "x"}, "is not a setting"),
}


@pytest.mark.parametrize("name", WRONG_CREDENTIALS)
def test_wrong_credentials_are_refused(folder: ClusterFolder, name: str) -> None:
    changes, expected = WRONG_CREDENTIALS[name]
    document = {**json.loads(folder.credentials_file.read_text()), **changes}
    document = {key: value for key, value in document.items() if value is not None}
    folder.credentials_file.write_text(json.dumps(document))
    with pytest.raises(SettingsError) as caught:
        read_administrator(folder.credentials_file)
    assert expected in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "\xff", "[" * 5000])
def test_credentials_that_are_no_json_object_are_refused(folder: ClusterFolder, text: str) -> None:
    folder.credentials_file.write_text(text, encoding="latin-1")
    with pytest.raises(SettingsError, match="is not"):
        read_administrator(folder.credentials_file)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o666, 0o601])
def test_credentials_open_to_others_are_refused(folder: ClusterFolder, mode: int) -> None:
    folder.credentials_file.chmod(mode)
    with pytest.raises(SettingsError, match=rf"has mode {mode:04o}, so others can reach it"):
        read_administrator(folder.credentials_file)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_credentials_closed_to_others_are_read(folder: ClusterFolder, mode: int) -> None:
    folder.credentials_file.chmod(mode)
    assert read_administrator(folder.credentials_file).account == "111122223333"
