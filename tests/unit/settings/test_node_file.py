"""A node file that is right gives frozen settings; each that is wrong gives its own sentence."""

from __future__ import annotations

import dataclasses
import pickle
import re
from pathlib import Path

import pytest

from node.cluster import ClusterFolder
from node.settings import NodeSettings, SettingsError, read_node_access, read_node_settings


def settings_of(folder: ClusterFolder, region: str = "us-east-1") -> NodeSettings:
    return read_node_settings(folder.region(region).node_file)


def refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        read_node_settings(path)
    return str(caught.value)


def edit(path: Path, pattern: str, replacement: str) -> None:
    before = path.read_text()
    after = re.sub(pattern, replacement, before, count=1, flags=re.MULTILINE)
    assert after != before
    path.write_text(after)


def test_everything_of_a_fresh_cluster_is_read(folder: ClusterFolder) -> None:
    settings = settings_of(folder)
    assert (settings.region, settings.host, settings.port) == ("us-east-1", "127.0.0.1", 4601)
    assert list(settings.cluster.regions) == ["us-east-1", "eu-west-1"]
    assert list(settings.peers) == ["eu-west-1"]
    assert settings.cluster.regions["eu-west-1"].endpoint == "http://127.0.0.1:4602"
    assert settings.cluster.regions["eu-west-1"].stream == "redis://127.0.0.1:4604/0"
    assert settings.identity.public == settings.cluster.regions["us-east-1"].identity
    assert settings.store_file == folder.region("us-east-1").store_file.resolve()
    assert settings.administrator.principal == "arn:aws:iam::111122223333:user/administrator"


def test_settings_cannot_be_changed(folder: ClusterFolder) -> None:
    settings = settings_of(folder)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.cluster.regions["x"] = settings.cluster.regions["us-east-1"]  # type: ignore[index]


def test_no_secret_shows_in_the_repr(folder: ClusterFolder) -> None:
    edit(folder.cluster_file, r"redis://127", "redis://reader:hunter2@127")
    folder.cluster_file.chmod(0o600)
    shown = repr(settings_of(folder))
    region = folder.region("us-east-1")
    secrets = re.findall(r"\b[0-9a-f]{64,}\b", region.identity_file.read_text())
    secrets += re.findall(r"secret: (\w+)", region.root_key_file.read_text())
    secrets += ["hunter2", settings_of(folder).administrator.secret_access_key]
    assert len(secrets) >= 4
    assert not [secret for secret in secrets if secret in shown]


def test_settings_cannot_be_pickled(folder: ClusterFolder) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(settings_of(folder))


WRONG_SETTINGS = {
    "no region": (r"^region.*$", "", "region is missing"),
    "region of another cluster": (r"us-east-1", "sa-east-1", "region sa-east-1 is not in"),
    "region that is none": (r'"us-east-1"', '"Virginia"', "region 'Virginia' is not the name"),
    "region that is a number": (r'"us-east-1"', "1", "region must be a text in quotes"),
    "region that is empty": (r'"us-east-1"', '""', "region is empty"),
    "cluster file that is absent": (r"cluster.toml", "gone.toml", "gone.toml does not exist"),
    "listen without a port": (r"127.0.0.1:4601", "127.0.0.1", "listen is not HOST:PORT"),
    "listen on port 0": (r":4601", ":0", "listen is not HOST:PORT"),
    "listen on port 65536": (r":4601", ":65536", "listen is not HOST:PORT"),
    "listen on a host with a space": (r"127.0.0.1:", "local host:", "listen is not HOST:PORT"),
    "listen on half an IPv6 address": (r"127.0.0.1:", "[::zz]:", "listen has no IPv6 address"),
    "store that is a URL": (r"keys.sqlite", "mysql://root:pw@h/x", "only SQLite files"),
    "store in no folder": (r"keys.sqlite", "deep/er/keys.sqlite", "does not exist; make it"),
    "identity that is absent": (r"identity.key", "no.key", "no.key does not exist"),
    "identity in an absent variable": (r"identity.key", "env:NO_SUCH", "$NO_SUCH is not set"),
    "root keys as one text": (r'\["root.key"\]', '"root.key"', "root_keys must be a list"),
    "no root key": (r'\["root.key"\]', "[]", "root_keys must be a list of texts"),
    "root keys of numbers": (r'\["root.key"\]', "[1]", "root_keys must be a list of texts"),
    "a root key twice": (r'\["root.key"\]', '["root.key", "root.key"]', "holds each root key once"),
    "identity as a root key": (r'\["root.key"\]', '["identity.key"]', "identity.key: this is no"),
    "administrator that is absent": (r"credentials.json", "c.json", "c.json does not exist"),
    "a setting with a typo": (r"^listen", "lisen", "listen is missing"),
    "an unknown setting": (r"\Z", '\nlisten_to = "x"\n', "perhaps it should be listen"),
    "an unknown table": (r"\Z", "\n[cache]\n", "cache is not a setting that Keyspan knows"),
    "an unknown tunable": (
        r"\Z",
        "\n[replication]\nlog_retention = 5\n",
        "perhaps it should be log_retention_entries",
    ),
    "a tunable of the wrong kind": (
        r"\Z",
        '\n[replication]\nlog_retention_entries = "5"\n',
        "replication.log_retention_entries must be a whole number",
    ),
    "a tunable that is true": (
        r"\Z",
        "\n[replication]\nlog_retention_entries = true\n",
        "replication.log_retention_entries must be a whole number",
    ),
    "a tunable below its least": (
        r"\Z",
        "\n[replication]\nlog_retention_entries = 0\n",
        "replication.log_retention_entries is 0; give at least 1",
    ),
    "no worker": (r"\Z", "\nworkers = 0\n", "workers is 0; give at least 1"),
    "too many workers": (r"\Z", "\nworkers = 1000\n", "workers is 1000; give at most 256"),
    "workers in words": (r"\Z", '\nworkers = "two"\n', "workers must be a whole number"),
    "a tunable that is not a number": (
        r"\Z",
        "\n[replication]\nreplicate_wait_seconds = nan\n",
        "replication.replicate_wait_seconds is nan",
    ),
}


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_refused_in_one_sentence(folder: ClusterFolder, name: str) -> None:
    pattern, replacement, expected = WRONG_SETTINGS[name]
    path = folder.region("us-east-1").node_file
    edit(path, pattern, replacement)
    sentence = refusal(path)
    assert expected in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "; " in sentence, "the next step is missing"


def test_tunables_are_read(folder: ClusterFolder) -> None:
    path = folder.region("us-east-1").node_file
    edit(path, r"\Z", "[replication]\nlog_retention_entries = 7\nreplicate_wait_seconds = 2\n")
    settings = read_node_settings(path)
    assert (settings.log_retention_entries, settings.replicate_wait_seconds) == (7, 2.0)


def test_a_node_is_one_process_unless_it_says_otherwise(folder: ClusterFolder) -> None:
    path = folder.region("us-east-1").node_file
    assert read_node_settings(path).workers == 1
    edit(path, r"\Z", "workers = 3\n")
    settings = read_node_settings(path)
    assert settings.workers == 3
    assert settings.with_workers(2).workers == 2


def test_secrets_may_come_by_the_environment(folder: ClusterFolder) -> None:
    region = folder.region("us-east-1")
    environment = {"ID": region.identity_file.read_text(), "ROOT": region.root_key_file.read_text()}
    edit(region.node_file, r'"identity.key"', '"env:ID"')
    edit(region.node_file, r'"root.key"', '"env:ROOT"')
    region.identity_file.unlink()
    region.root_key_file.unlink()
    settings = read_node_settings(region.node_file, environment)
    assert settings.identity.public == settings.cluster.regions["us-east-1"].identity


def test_the_environment_is_not_read_unless_it_is_passed(
    folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = folder.region("us-east-1")
    monkeypatch.setenv("ID", region.identity_file.read_text())
    edit(region.node_file, r'"identity.key"', '"env:ID"')
    assert "$ID is not set" in refusal(region.node_file)


def test_the_identity_of_another_region_is_refused(folder: ClusterFolder) -> None:
    other = folder.region("eu-west-1").identity_file
    region = folder.region("us-east-1")
    region.identity_file.write_text(other.read_text())
    assert "is not the identity that the cluster file names for us-east-1" in refusal(
        region.node_file
    )


@pytest.mark.parametrize("name", ["identity.key", "root.key"])
def test_a_damaged_key_file_is_refused_without_its_content(
    folder: ClusterFolder, name: str
) -> None:
    region = folder.region("us-east-1")
    path = region.root / name
    secret = re.findall(r"[0-9a-f]{64,}", path.read_text())[0]
    path.write_text(path.read_text().replace(secret[:8], "deadbeef", 1))
    sentence = refusal(region.node_file)
    assert str(path) in sentence
    assert "restore it from your backup" in sentence
    assert secret[8:40] not in sentence


def test_a_key_file_of_binary_is_refused(folder: ClusterFolder) -> None:
    region = folder.region("us-east-1")
    region.identity_file.write_bytes(b"\xff\xfe\x00")
    assert "is not text" in refusal(region.node_file)


def test_access_needs_no_secret_key(folder: ClusterFolder) -> None:
    region = folder.region("us-east-1")
    region.identity_file.unlink()
    region.root_key_file.unlink()
    access = read_node_access(region.node_file)
    assert access.region == "us-east-1"
    assert list(access.cluster.regions) == ["us-east-1", "eu-west-1"]


def test_a_folder_in_the_place_of_the_file_is_refused(folder: ClusterFolder) -> None:
    assert "cannot be read" in refusal(folder.root)


@pytest.mark.parametrize("text", ["region = ", "= 1", "region = 'a'\nregion = 'b'", "\x00"])
def test_what_is_not_toml_is_refused(folder: ClusterFolder, text: str) -> None:
    path = folder.region("us-east-1").node_file
    path.write_text(text)
    assert "is not valid TOML" in refusal(path)


def test_what_is_not_utf8_is_refused(folder: ClusterFolder) -> None:
    path = folder.region("us-east-1").node_file
    path.write_bytes(b'region = "\xff"')
    assert "is not UTF-8" in refusal(path)
