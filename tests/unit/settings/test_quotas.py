"""`[quotas]` of a node file."""

from __future__ import annotations

import pytest

from node.cluster import ClusterFolder
from node.settings import SettingsError, read_node_settings
from node.settings.quotas import QuotaSettings


def quotas(folder: ClusterFolder, text: str, region: str = "us-east-1") -> QuotaSettings:
    path = folder.region(region).node_file
    path.write_text(f"{path.read_text()}\n{text}\n")
    return read_node_settings(path).quotas


def test_without_a_table_there_are_no_request_quotas(folder: ClusterFolder) -> None:
    assert quotas(folder, "") == QuotaSettings(keys=100_000, requests={})


def test_the_published_numbers_and_a_fifth_of_them(folder: ClusterFolder) -> None:
    found = quotas(folder, '[quotas]\nprofile = "kms"\nkeys = 7')
    assert (found.keys, found.requests["Symmetric"], found.requests["CreateKey"]) == (7, 100_000, 5)
    standby = quotas(folder, '[quotas]\nprofile = "kms"\nscale = 0.2', "eu-west-1")
    assert (standby.requests["Symmetric"], standby.requests["CreateKey"]) == (20_000, 1)


def test_single_quotas_with_and_without_a_profile(folder: ClusterFolder) -> None:
    alone = quotas(folder, "[quotas.requests]\nSymmetric = 50")
    assert alone.requests == {"Symmetric": 50}
    text = '[quotas]\nprofile = "kms"\nscale = 0.5\n[quotas.requests]\nCreateKey = 0.5'
    both = quotas(folder, text, "eu-west-1")
    assert (both.requests["CreateKey"], both.requests["RSA"]) == (0.5, 500)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[quotas]\nprofile = "aws"', "quotas.profile is 'aws'; give \"kms\""),
        ("[quotas]\nscale = 0.5", 'quotas.scale scales no profile; add profile = "kms"'),
        ('[quotas]\nprofile = "kms"\nscale = 0', "quotas.scale is 0; give at least 0.001"),
        ("[quotas]\nkeys = 0", "quotas.keys is 0; give at least 1"),
        ("[quotas]\nkey = 1", "perhaps it should be keys"),
        ("[quotas.requests]\nsymmetric = 5", "perhaps it should be Symmetric"),
        ("[quotas.requests]\nRSA = -1", "requests.RSA is -1; give at least 0.001"),
    ],
)
def test_mistakes(folder: ClusterFolder, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        quotas(folder, text)
    assert said in str(caught.value)
