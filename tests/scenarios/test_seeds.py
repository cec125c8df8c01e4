"""Seeds planted in three regions: the same keys at every start, and ciphertexts that go on opening.

Real are the regions and their operations; the client does without a socket.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)

from node.cluster.client import AdministrationClient
from node.cluster.client import Refused as RefusedByNode
from node.model.key import KeyState
from node.model.principal import Credential, Principal
from node.seeds import plant, read_seed
from tests.scenarios.client import Kms, Refused, answer_of, refused
from tests.scenarios.region import ACCOUNT, ADMINISTRATOR, REGIONS, Regions

HOME, AWAY, FAR = REGIONS
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
OTHER = "777788889999"
SECRET = base64.b64encode(b"\x5a" * 32).decode()
SEED = f"""
[[keys]]
id = "{MRK}"
region = "{AWAY}"
replicas = ["{HOME}", "{FAR}"]
material = "{SECRET}"
description = "for orders"
aliases = ["alias/orders", "alias/old"]
tags = {{ team = "payments" }}

[[keys]]
id = "{ID}"
aliases = ["alias/single"]
"""


class InProcess(AdministrationClient):
    """Asks regions under test, and lets them work where it is refused."""

    def __init__(self, regions: Regions) -> None:
        super().__init__(ADMINISTRATOR)
        self._regions = regions

    def call(
        self,
        region: str,
        endpoint: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        seconds: float = 0.0,
    ) -> bytes:
        assert endpoint == f"http://{region}.test"
        response = self._regions[region].kms.send(
            f"Keyspan.{operation}", json.dumps(request).encode()
        )
        try:
            answer_of(response)
        except Refused as refusal:
            self._regions.settle()
            raise RefusedByNode(str(refusal), refusal.code) from None
        return response.body


def planted(regions: Regions, folder: Path, text: str = SEED) -> list[str]:
    """Plant a seed; the ARNs of what was made."""
    path = folder / "seed.toml"
    path.write_text(text, encoding="utf-8")
    seed = read_seed(path, account=ACCOUNT, regions=REGIONS)
    endpoints = {name: f"http://{name}.test" for name in regions}
    told: list[str] = []
    made = plant(seed, InProcess(regions), endpoints, told.append)
    assert len(told) == len(seed.accounts) + len(seed.keys)
    regions.settle()
    return made


@pytest.fixture
def seeded(regions: Regions, tmp_path: Path) -> Regions:
    assert planted(regions, tmp_path) == [
        f"arn:aws:kms:{AWAY}:{ACCOUNT}:key/{MRK}",
        f"arn:aws:kms:{HOME}:{ACCOUNT}:key/{ID}",
    ]
    return regions


def test_the_keys_are_where_the_seed_says(seeded: Regions) -> None:
    for name, region in seeded.items():
        metadata = region.kms.metadata(MRK)
        assert metadata["Arn"] == region.kms.arn(MRK)
        assert metadata["Description"] == "for orders"
        assert (metadata["KeyState"], metadata["Origin"]) == ("Enabled", "EXTERNAL")
        configuration = metadata["MultiRegionConfiguration"]
        assert configuration["MultiRegionKeyType"] == ("PRIMARY" if name == AWAY else "REPLICA")
        assert configuration["PrimaryKey"]["Region"] == AWAY
        assert region.kms("ListResourceTags", KeyId=MRK)["Tags"] == [
            {"TagKey": "team", "TagValue": "payments"}
        ]
        aliases = region.kms("ListAliases", KeyId=MRK)["Aliases"]
        assert [each["AliasName"] for each in aliases] == ["alias/old", "alias/orders"]
    single = seeded[HOME].kms.metadata(ID)
    assert (single["MultiRegion"], single["Origin"]) == (False, "AWS_KMS")
    with refused("NotFoundException"):
        seeded[AWAY].kms.metadata(ID)


def test_what_one_region_encrypts_another_decrypts(seeded: Regions) -> None:
    blob = seeded[HOME].kms.encrypt("alias/orders")
    for region in seeded.values():
        assert region.kms.decrypt(blob) == b"attack at dawn"


def test_a_second_start_changes_nothing(seeded: Regions, tmp_path: Path) -> None:
    before = [region.kms.metadata(MRK) for region in seeded.values()]
    blob = seeded[HOME].kms.encrypt(ID)
    assert planted(seeded, tmp_path) == []
    assert [region.kms.metadata(MRK) for region in seeded.values()] == before
    assert seeded[HOME].kms.decrypt(blob) == b"attack at dawn"


def test_ciphertexts_of_another_cluster_open(
    seeded: Regions, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What a test suite stores beside its seed, for clusters that are made anew every time."""
    blob = seeded[AWAY].kms.encrypt(MRK, EncryptionContext={"order": "7"})
    folder = tmp_path_factory.mktemp("another")
    another = Regions(folder)
    another.start()
    try:
        planted(another, folder)
        for region in another.values():
            assert region.kms.decrypt(blob, EncryptionContext={"order": "7"}) == b"attack at dawn"
    finally:
        another.close()


def test_what_was_changed_is_made_so_again(seeded: Regions, tmp_path: Path) -> None:
    kms = seeded[HOME].kms
    kms("DisableKey", KeyId=MRK)
    kms("UpdateKeyDescription", KeyId=MRK, Description="something else")
    kms("UntagResource", KeyId=MRK, TagKeys=["team"])
    kms("DeleteAlias", AliasName="alias/old")
    kms("UpdateAlias", AliasName="alias/orders", TargetKeyId=kms.key())
    kms("ScheduleKeyDeletion", KeyId=ID)
    seeded[AWAY].kms("ScheduleKeyDeletion", KeyId=MRK)
    assert seeded[AWAY].stored(MRK).state is KeyState.PENDING_REPLICA_DELETION
    assert planted(seeded, tmp_path) == []
    test_the_keys_are_where_the_seed_says(seeded)
    assert kms.metadata(ID)["KeyState"] == "Enabled"


def test_what_is_not_mentioned_is_left(seeded: Regions, tmp_path: Path) -> None:
    kms = seeded[HOME].kms
    kms("UpdateKeyDescription", KeyId=ID, Description="mine")
    kms("TagResource", KeyId=ID, Tags=[{"TagKey": "a", "TagValue": "b"}])
    kms("CreateAlias", AliasName="alias/more", TargetKeyId=ID)
    other = kms.key()
    planted(seeded, tmp_path)
    assert kms.metadata(ID)["Description"] == "mine"
    assert len(kms("ListResourceTags", KeyId=ID)["Tags"]) == 1
    assert len(kms("ListAliases", KeyId=ID)["Aliases"]) == 2
    assert kms.metadata(other)["KeyState"] == "Enabled"


def test_a_replica_that_was_deleted_comes_back(seeded: Regions, tmp_path: Path) -> None:
    far = seeded[FAR]
    blob = far.kms.encrypt(MRK)
    far.kms("ScheduleKeyDeletion", KeyId=MRK, PendingWindowInDays=7)
    seeded.clock.move(days=8)
    assert far.step_schedule() == 1
    seeded.settle()
    planted(seeded, tmp_path)
    assert far.kms.decrypt(blob) == b"attack at dawn"
    assert far.kms.metadata("alias/orders")["KeyId"] == MRK


def test_a_primary_that_was_moved_stays_there(seeded: Regions, tmp_path: Path) -> None:
    """Also where the key's own region has lost it since: there are never two keys of one ID."""
    seeded[AWAY].kms("UpdatePrimaryRegion", KeyId=MRK, PrimaryRegion=FAR)
    seeded.settle()
    for name in (HOME, AWAY):
        seeded[name].kms("ScheduleKeyDeletion", KeyId=MRK, PendingWindowInDays=7)
    seeded.clock.move(days=8)
    for name in (HOME, AWAY):
        seeded[name].step_schedule()
    seeded.settle()
    assert planted(seeded, tmp_path) == []
    for region in seeded.values():
        configuration = region.kms.metadata(MRK)["MultiRegionConfiguration"]
        assert configuration["PrimaryKey"]["Region"] == FAR
        assert {each["Region"] for each in configuration["ReplicaKeys"]} == {HOME, AWAY}


OTHERS = {
    "other key material": (SECRET, base64.b64encode(b"\xa5" * 32).decode()),
    "origin EXTERNAL, not AWS_KMS": (f'material = "{SECRET}"', ""),
    "origin AWS_KMS, not EXTERNAL": (f'id = "{ID}"', f'id = "{ID}"\nmaterial = "{SECRET}"'),
    "spec SYMMETRIC_DEFAULT, not HMAC_256": (
        f'id = "{ID}"',
        f'id = "{ID}"\nspec = "HMAC_256"\nusage = "GENERATE_VERIFY_MAC"',
    ),
}


def test_another_key_of_the_same_id_is_refused(seeded: Regions, tmp_path: Path) -> None:
    for words, (old, new) in OTHERS.items():
        with pytest.raises(RefusedByNode, match=words):
            planted(seeded, tmp_path, SEED.replace(old, new))


def test_material_that_was_deleted_comes_back(seeded: Regions, tmp_path: Path) -> None:
    blob = seeded[HOME].kms.encrypt(MRK)
    for name in (AWAY, HOME):
        seeded[name].kms("DeleteImportedKeyMaterial", KeyId=MRK)
        assert seeded[name].stored(MRK).state is KeyState.PENDING_IMPORT
    planted(seeded, tmp_path)
    for region in seeded.values():
        assert region.kms.decrypt(blob) == b"attack at dawn"


def private(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(der).decode()


def test_given_material_of_every_kind(regions: Regions, tmp_path: Path) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    modulus = rsa.generate_private_key(65537, 2048)
    ids = [f"0000000{number}-12ab-34cd-56ef-1234567890ab" for number in range(3)]
    planted(
        regions,
        tmp_path,
        f"""
        [[keys]]
        id = "{ids[0]}"
        spec = "HMAC_256"
        usage = "GENERATE_VERIFY_MAC"
        material = "{SECRET}"
        [[keys]]
        id = "{ids[1]}"
        spec = "ECC_NIST_P256"
        usage = "SIGN_VERIFY"
        material = "{private(curve)}"
        [[keys]]
        id = "{ids[2]}"
        spec = "RSA_2048"
        usage = "ENCRYPT_DECRYPT"
        material = "{private(modulus)}"
        """,
    )
    kms = regions[HOME].kms
    assert kms("GenerateMac", KeyId=ids[0], Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
    shown = load_der_public_key(kms("GetPublicKey", KeyId=ids[1])["PublicKey"])
    assert shown == curve.public_key()
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
    blob = modulus.public_key().encrypt(b"for the seed", oaep)
    assert (
        kms.decrypt(blob, KeyId=ids[2], EncryptionAlgorithm="RSAES_OAEP_SHA_256") == b"for the seed"
    )


def test_an_account_of_its_own(regions: Regions, tmp_path: Path) -> None:
    access_key, secret = "AKIAEXAMPLE000000000", "s" * 40
    text = f"""
        [[accounts]]
        id = "{OTHER}"
        access_key_id = "{access_key}"
        secret_access_key = "{secret}"
        [[keys]]
        id = "{ID}"
        account = "{OTHER}"
        aliases = ["alias/theirs"]
        """
    for _ in range(2):
        planted(regions, tmp_path, text)
    region = regions[HOME]
    principal = Principal(OTHER, f"arn:aws:iam::{OTHER}:user/administrator", "AIDA", "IAMUser")
    credential = Credential(access_key, secret, principal, active=True)
    theirs = Kms(region.kms.handle, credential, HOME, lambda: region.clock.now())
    assert theirs.metadata("alias/theirs")["Arn"] == theirs.arn(ID)
    assert theirs.decrypt(theirs.encrypt(ID)) == b"attack at dawn"
    with refused("AccessDeniedException"):
        region.kms.metadata(theirs.arn(ID))
    with refused("AccessDeniedException"):
        answer_of(
            theirs.send(
                "Keyspan.SeedKey", b'{"account":"111122223333","key_id":"2","key_spec":"SM2"}'
            )
        )
    with pytest.raises(RefusedByNode, match="already exists"):
        planted(regions, tmp_path, f'[[keys]]\nid = "{ID}"\n')


def test_given_material_is_marked_and_never_shown(
    regions: Regions, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        planted(regions, tmp_path)
    arns = {region: f"arn:aws:kms:{region}:{ACCOUNT}:key" for region in REGIONS}
    assert f"seeded {arns[AWAY]}/{MRK}, with key material given in the seed" in caplog.messages
    assert f"seeded {arns[HOME]}/{ID}, with key material made here" in caplog.messages
    assert SECRET not in caplog.text


def test_what_is_secret_is_in_no_audit_record(regions: Regions, tmp_path: Path) -> None:
    secret = "s" * 40
    account = (
        f'[[accounts]]\nid = "{OTHER}"\naccess_key_id = "AKIAEXAMPLE000000000"\n'
        f'secret_access_key = "{secret}"\n'
    )
    planted(regions, tmp_path, account + SEED)
    for region in regions.values():
        files = [each for each in region.region.settings.audit.folder.rglob("*") if each.is_file()]
        trail = b"".join(each.read_bytes() for each in files)
        assert b'"eventName":"SeedAccount"' in trail
        assert b'"eventName":"SeedKey"' in trail
        assert secret.encode() not in trail
        assert SECRET.encode() not in trail


BAD_REQUESTS: dict[str, tuple[dict[str, Any], str]] = {
    "no key ID": ({"key_id": "mrk-x"}, "ValidationException"),
    "an unknown spec": ({"key_spec": "AES"}, "ValidationException"),
    "a spec that is not served": (
        {"key_spec": "SM2", "key_usage": "SIGN_VERIFY"},
        "UnsupportedOperationException",
    ),
    "no usage": ({"key_spec": "RSA_2048"}, "ValidationException"),
    "an alias of AWS": ({"aliases": ["alias/aws/s3"]}, "InvalidAliasNameException"),
    "material of another size": ({"material": "AAAA"}, "ValidationException"),
    "a policy that is none": ({"policy": "{"}, "MalformedPolicyDocumentException"),
    "a region of another cluster": ({"replicas": ["xx-a-1"]}, "UnsupportedOperationException"),
    "no account": ({"account": "me"}, "ValidationException"),
    "a tag of AWS": ({"tags": {"aws:a": "b"}}, "TagException"),
    "a region that is none": ({"replicas": ["/etc"]}, "ValidationException"),
    "a number for a text": ({"description": 1}, "SerializationException"),
    "no key here": ({"create": False}, "NotFoundException"),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_request_that_no_seed_makes_leaves_nothing(kms: Kms, name: str) -> None:
    changes, error = BAD_REQUESTS[name]
    request = {"account": ACCOUNT, "key_id": MRK, "key_spec": "SYMMETRIC_DEFAULT", "create": True}
    with refused(error):
        answer_of(kms.send("Keyspan.SeedKey", json.dumps({**request, **changes}).encode()))
    assert kms("ListKeys")["Keys"] == []


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.getLogger("node").setLevel(logging.INFO)
    yield
    logging.getLogger("node").setLevel(logging.NOTSET)
