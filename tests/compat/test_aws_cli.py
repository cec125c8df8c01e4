"""A tour of every served operation with the AWS CLI, over three real regions."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.compat.aws_cli import AWS, Cli, command_of
from tests.compat.served import served_operations
from tests.harness.cluster import Cluster, eventually
from tests.harness.plugin import Tell
from tests.outside import public_keys
from tests.outside.openssl import OpenSsl

HOME, NEAR, FAR = "us-east-1", "eu-west-1", "ap-southeast-2"
CONTEXT = ("--encryption-context", "purpose=tour")
TEXT = b"on tour"
WRAPPED = "RSA_AES_KEY_WRAP_SHA_256"


@pytest.fixture(scope="module")
def cli(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Iterator[Cli]:
    tell(subprocess.check_output([*AWS, "--version"], text=True).strip())
    with Cli(cluster, tmp_path_factory.mktemp("cli")) as made:
        yield made


@pytest.fixture(scope="module")
def key(cli: Cli, cluster: Cluster) -> str:
    """A multi-Region key that all three regions hold."""
    tags = ("--tags", "TagKey=team,TagValue=blue")
    made = cli.run(HOME, "create-key", "--multi-region", "--description", "tour", *tags)
    key_id = str(made["KeyMetadata"]["KeyId"])
    for region in (NEAR, FAR):
        replica = cli.run(HOME, "replicate-key", "--key-id", key_id, "--replica-region", region)
        assert replica["ReplicaKeyMetadata"]["Arn"].split(":")[3] == region
    cluster.wait_until_enabled(key_id, [NEAR, FAR])
    return key_id


def new_key(cli: Cli, *words: str) -> str:
    """A single-Region key at home."""
    return str(cli.run(HOME, "create-key", *words)["KeyMetadata"]["KeyId"])


def decoded(answer: Any, field: str = "CiphertextBlob") -> bytes:
    return base64.b64decode(answer[field])


def test_keys_are_described_listed_and_switched(cli: Cli, key: str) -> None:
    this = ("--key-id", key)
    cli.run(HOME, "update-key-description", *this, "--description", "still on tour")
    told = cli.run(HOME, "describe-key", *this)["KeyMetadata"]
    assert (told["Description"], told["KeyState"]) == ("still on tour", "Enabled")
    keys = cli.run(NEAR, "list-keys")["Keys"]
    assert key in {each["KeyId"] for each in keys}
    assert cli.run_alone(NEAR, "list-keys")["Keys"] == keys
    cli.run(FAR, "disable-key", *this)
    plaintext = ("--plaintext", cli.file(TEXT))
    assert "DisabledException" in cli.refused(FAR, "encrypt", *this, *plaintext)
    cli.run(FAR, "enable-key", *this)
    cli.run(FAR, "encrypt", *this, *plaintext)


def test_aliases_are_made_moved_and_deleted(cli: Cli, key: str) -> None:
    name = ("--alias-name", "alias/tour")
    cli.run(HOME, "create-alias", *name, "--target-key-id", key)
    other = new_key(cli)
    cli.run(HOME, "update-alias", *name, "--target-key-id", other)
    (alias,) = cli.run(HOME, "list-aliases", "--key-id", other)["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/tour", other)
    cli.run(HOME, "delete-alias", *name)
    assert "NotFoundException" in cli.refused(HOME, "describe-key", "--key-id", "alias/tour")


def test_tags_are_put_listed_and_removed(cli: Cli, key: str) -> None:
    this = ("--key-id", key)
    cli.run(HOME, "tag-resource", *this, "--tags", "TagKey=cost,TagValue=42")
    tags = cli.run(HOME, "list-resource-tags", *this)["Tags"]
    assert {each["TagKey"]: each["TagValue"] for each in tags} == {"team": "blue", "cost": "42"}
    cli.run(HOME, "untag-resource", *this, "--tag-keys", "cost", "team")
    assert cli.run(HOME, "list-resource-tags", *this)["Tags"] == []


def test_what_one_region_encrypts_the_others_decrypt(cli: Cli, key: str) -> None:
    this = ("--key-id", key)
    plaintext = ("--plaintext", cli.file(TEXT))
    blob = cli.file(decoded(cli.run(HOME, "encrypt", *this, *plaintext, *CONTEXT)))
    for region in (HOME, NEAR, FAR):
        opened = cli.run(region, "decrypt", "--ciphertext-blob", blob, *CONTEXT)
        assert decoded(opened, "Plaintext") == TEXT
    refusal = cli.refused(NEAR, "decrypt", "--ciphertext-blob", blob)
    assert "InvalidCiphertextException" in refusal
    again = cli.run(
        NEAR,
        "re-encrypt",
        "--ciphertext-blob",
        blob,
        "--source-encryption-context",
        "purpose=tour",
        "--destination-key-id",
        key,
    )
    moved = cli.file(decoded(again))
    opened = cli.run(FAR, "decrypt", "--ciphertext-blob", moved)
    assert decoded(opened, "Plaintext") == TEXT


def test_data_keys_and_random_bytes(cli: Cli, key: str) -> None:
    this = ("--key-id", key)
    data_key = cli.run(HOME, "generate-data-key", *this, "--key-spec", "AES_256", *CONTEXT)
    blob = cli.file(decoded(data_key))
    opened = cli.run(FAR, "decrypt", "--ciphertext-blob", blob, *CONTEXT)
    assert opened["Plaintext"] == data_key["Plaintext"]
    size = ("--number-of-bytes", "24")
    hidden = cli.run(NEAR, "generate-data-key-without-plaintext", *this, *size)
    opened = cli.run(HOME, "decrypt", "--ciphertext-blob", cli.file(decoded(hidden)))
    assert len(decoded(opened, "Plaintext")) == 24
    assert len(decoded(cli.run(FAR, "generate-random", *size), "Plaintext")) == 24


def test_data_key_pairs(cli: Cli, key: str) -> None:
    spec = ("--key-id", key, "--key-pair-spec", "ECC_NIST_P256")
    made = cli.run(HOME, "generate-data-key-pair", *spec)
    blob = cli.file(decoded(made, "PrivateKeyCiphertextBlob"))
    opened = cli.run(NEAR, "decrypt", "--ciphertext-blob", blob)
    assert opened["Plaintext"] == made["PrivateKeyPlaintext"]
    hidden = cli.run(FAR, "generate-data-key-pair-without-plaintext", *spec)
    assert "PrivateKeyPlaintext" not in hidden


def test_signatures(cli: Cli) -> None:
    key_id = new_key(cli, "--key-spec", "ECC_NIST_P256", "--key-usage", "SIGN_VERIFY")
    this = ("--key-id", key_id, "--signing-algorithm", "ECDSA_SHA_256")
    message = ("--message", cli.file(TEXT))
    signature = cli.file(decoded(cli.run(HOME, "sign", *this, *message), "Signature"))
    assert cli.run(HOME, "verify", *this, *message, "--signature", signature)["SignatureValid"]
    other = ("--message", cli.file(b"another"))
    refusal = cli.refused(HOME, "verify", *this, *other, "--signature", signature)
    assert "KMSInvalidSignatureException" in refusal
    assert cli.run(HOME, "get-public-key", "--key-id", key_id)["KeySpec"] == "ECC_NIST_P256"


def test_macs(cli: Cli) -> None:
    key_id = new_key(cli, "--key-spec", "HMAC_256", "--key-usage", "GENERATE_VERIFY_MAC")
    this = ("--key-id", key_id, "--mac-algorithm", "HMAC_SHA_256")
    message = ("--message", cli.file(TEXT))
    mac = cli.file(decoded(cli.run(HOME, "generate-mac", *this, *message), "Mac"))
    assert cli.run(HOME, "verify-mac", *this, *message, "--mac", mac)["MacValid"]
    other = ("--message", cli.file(b"another"))
    assert "KMSInvalidMacException" in cli.refused(HOME, "verify-mac", *this, *other, "--mac", mac)


def test_shared_secrets(cli: Cli) -> None:
    words = ("--key-spec", "ECC_NIST_P256", "--key-usage", "KEY_AGREEMENT")
    ours, theirs = new_key(cli, *words), new_key(cli, *words)
    secrets = {
        cli.run(
            HOME,
            "derive-shared-secret",
            *("--key-id", mine),
            *("--key-agreement-algorithm", "ECDH"),
            *("--public-key", public_key(cli, other)),
        )["SharedSecret"]
        for mine, other in ((ours, theirs), (theirs, ours))
    }
    assert len(secrets) == 1


def public_key(cli: Cli, key_id: str) -> str:
    return cli.file(decoded(cli.run(HOME, "get-public-key", "--key-id", key_id), "PublicKey"))


def test_rotation(cli: Cli) -> None:
    this = ("--key-id", new_key(cli))
    cli.run(HOME, "enable-key-rotation", *this, "--rotation-period-in-days", "100")
    told = cli.run(HOME, "get-key-rotation-status", *this)
    assert (told["KeyRotationEnabled"], told["RotationPeriodInDays"]) == (True, 100)
    cli.run(HOME, "disable-key-rotation", *this)
    before = decoded(cli.run(HOME, "encrypt", *this, "--plaintext", cli.file(TEXT)))
    cli.run(HOME, "rotate-key-on-demand", *this)
    (rotation,) = cli.run(HOME, "list-key-rotations", *this)["Rotations"]
    assert rotation["RotationType"] == "ON_DEMAND"
    opened = cli.run(HOME, "decrypt", "--ciphertext-blob", cli.file(before))
    assert decoded(opened, "Plaintext") == TEXT


def test_material_of_ones_own_in_two_regions(cli: Cli, cluster: Cluster, tmp_path: Path) -> None:
    """The steps of the AWS guide: parameters, openssl, import; then a rotation of related keys."""
    made = cli.run(HOME, "create-key", "--multi-region", "--origin", "EXTERNAL")["KeyMetadata"]
    assert made["KeyState"] == "PendingImport"
    key_id, old, new = made["KeyId"], os.urandom(32), os.urandom(32)
    this = ("--key-id", key_id)
    imported = OwnMaterial(cli, OpenSsl(tmp_path), key_id)
    first = imported(HOME, old)
    cli.run(HOME, "replicate-key", *this, "--replica-region", NEAR)
    awaiting = f"{key_id} does not await its material in {NEAR}"
    eventually(lambda: cluster.key_state(NEAR, key_id) == "PendingImport", awaiting)
    assert "IncorrectKeyMaterialException" in imported.refused(NEAR, new)
    assert imported(NEAR, old, "RSAES_OAEP_SHA_1") == first
    blob = decoded(cli.run(HOME, "encrypt", *this, "--plaintext", cli.file(TEXT)))
    opened = cli.run(NEAR, "decrypt", "--ciphertext-blob", cli.file(blob))
    assert (decoded(opened, "Plaintext"), opened["KeyMaterialId"]) == (TEXT, first)

    second = imported(HOME, new, "RSA_AES_KEY_WRAP_SHA_1", "--import-type", "NEW_KEY_MATERIAL")
    every = ("--include-key-material", "ALL_KEY_MATERIAL")

    def states(region: str) -> dict[str, str]:
        told = cli.run(region, "list-key-rotations", *this, *every)["Rotations"]
        return {each["KeyMaterialId"]: each["KeyMaterialState"] for each in told}

    awaited = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    eventually(lambda: states(NEAR).get(second) == awaited, "the new material")
    assert NEAR in cli.refused(HOME, "rotate-key-on-demand", *this)
    assert imported(NEAR, new, "RSAES_OAEP_SHA_256") == second
    eventually(lambda: states(HOME)[second] == "PENDING_ROTATION", "the last import")
    cli.run(HOME, "rotate-key-on-demand", *this)
    rotated = {first: "NON_CURRENT", second: "CURRENT"}
    eventually(lambda: states(NEAR) == rotated, "the rotation")
    blob = decoded(cli.run(NEAR, "encrypt", *this, "--plaintext", cli.file(TEXT)))
    opened = cli.run(HOME, "decrypt", "--ciphertext-blob", cli.file(blob))
    assert (decoded(opened, "Plaintext"), opened["KeyMaterialId"]) == (TEXT, second)

    cli.run(NEAR, "delete-imported-key-material", *this, "--key-material-id", first)
    assert "pending import" in cli.refused(NEAR, "encrypt", *this, "--plaintext", cli.file(TEXT))
    cli.run(HOME, "decrypt", "--ciphertext-blob", cli.file(blob))
    assert imported(NEAR, old) == first
    cli.run(NEAR, "decrypt", "--ciphertext-blob", cli.file(blob))


class OwnMaterial:
    """Imports material into a key, wrapped by openssl; gives its KeyMaterialId."""

    def __init__(self, cli: Cli, openssl: OpenSsl, key_id: str) -> None:
        self._cli = cli
        self._openssl = openssl
        self._this = ("--key-id", key_id)

    def __call__(self, region: str, material: bytes, algorithm: str = WRAPPED, *words: str) -> str:
        answer = self._cli.run(
            region, "import-key-material", *self._words(region, material, algorithm), *words
        )
        return str(answer["KeyMaterialId"])

    def refused(self, region: str, material: bytes) -> str:
        """What is said of material that is none of the key's."""
        words = self._words(region, material, WRAPPED)
        return self._cli.refused(region, "import-key-material", *words)

    def _words(self, region: str, material: bytes, algorithm: str) -> tuple[str, ...]:
        way = ("--wrapping-algorithm", algorithm, "--wrapping-key-spec", "RSA_2048")
        given = self._cli.run(region, "get-parameters-for-import", *self._this, *way)
        wrapped = self._openssl.wrapped(algorithm, decoded(given, "PublicKey"), material)
        return (
            *self._this,
            *("--import-token", self._cli.file(decoded(given, "ImportToken"))),
            *("--encrypted-key-material", self._cli.file(wrapped)),
            *("--expiration-model", "KEY_MATERIAL_DOES_NOT_EXPIRE"),
        )


def test_the_primary_moves(cli: Cli, cluster: Cluster) -> None:
    made = cli.run(HOME, "create-key", "--multi-region")
    key_id = made["KeyMetadata"]["KeyId"]
    cli.run(HOME, "replicate-key", "--key-id", key_id, "--replica-region", NEAR)
    cluster.wait_until_enabled(key_id, [NEAR])
    cli.run(HOME, "update-primary-region", "--key-id", key_id, "--primary-region", NEAR)
    cluster.wait_until_enabled(key_id, [HOME, NEAR])
    told = cli.run(NEAR, "describe-key", "--key-id", key_id)["KeyMetadata"]
    assert told["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"


def test_deletion_is_scheduled_and_cancelled(cli: Cli) -> None:
    this = ("--key-id", new_key(cli))
    told = cli.run(HOME, "schedule-key-deletion", *this, "--pending-window-in-days", "7")
    assert told["KeyState"] == "PendingDeletion"
    cli.run(HOME, "cancel-key-deletion", *this)
    assert cli.run(HOME, "describe-key", *this)["KeyMetadata"]["KeyState"] == "Disabled"


def test_policies(cli: Cli, cluster: Cluster) -> None:
    this = ("--key-id", new_key(cli))
    assert cli.run(HOME, "list-key-policies", *this)["PolicyNames"] == ["default"]
    policy = json.loads(cli.run(HOME, "get-key-policy", *this)["Policy"])
    denied = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Resource": "*"}
    policy["Statement"].append({**denied, "Action": "kms:Encrypt"})
    cli.run(HOME, "put-key-policy", *this, "--policy", json.dumps(policy))
    said = cli.refused(HOME, "encrypt", *this, "--plaintext", cli.file(TEXT))
    assert "AccessDeniedException" in said
    assert "with an explicit deny in a resource-based policy" in said


def test_grants(cli: Cli, cluster: Cluster) -> None:
    this = ("--key-id", new_key(cli))
    arn = cli.run(HOME, "describe-key", *this)["KeyMetadata"]["Arn"]
    who = cluster.local.administrator.principal
    grant = ("--grantee-principal", who, "--retiring-principal", who, "--operations", "Decrypt")
    first, second = (cli.run(HOME, "create-grant", *this, *grant) for _ in range(2))
    listed = cli.run(HOME, "list-grants", *this)["Grants"]
    assert {each["GrantId"] for each in listed} == {first["GrantId"], second["GrantId"]}
    retirable = cli.run(HOME, "list-retirable-grants", "--retiring-principal", who)["Grants"]
    assert {each["GrantId"] for each in listed} <= {each["GrantId"] for each in retirable}
    cli.run(HOME, "retire-grant", "--key-id", arn, "--grant-id", first["GrantId"])
    cli.run(HOME, "revoke-grant", *this, "--grant-id", second["GrantId"])
    assert not cli.run(HOME, "list-grants", *this)["Grants"]


def test_there_are_no_custom_key_stores(cli: Cli) -> None:
    assert not cli.run(HOME, "describe-custom-key-stores")["CustomKeyStores"]
    this = ("--custom-key-store-id", "cks-1234567890abcdef0")
    for command in ("connect", "disconnect", "update", "delete"):
        words = ("--new-custom-key-store-name", "another") if command == "update" else ()
        cli.refuses(
            "CustomKeyStoreNotFoundException", HOME, f"{command}-custom-key-store", *this, *words
        )
    store = ("--custom-key-store-name", "store", "--cloud-hsm-cluster-id", "cluster-234567abcdef")
    anchor = ("--trust-anchor-certificate", "x", "--key-store-password", "password")
    cli.refuses(
        "CloudHsmClusterNotFoundException", HOME, "create-custom-key-store", *store, *anchor
    )


def test_imported_material(cli: Cli) -> None:
    this = ("--key-id", new_key(cli, "--origin", "EXTERNAL"))
    wrapping = ("--wrapping-algorithm", "RSAES_OAEP_SHA_256", "--wrapping-key-spec", "RSA_2048")
    given = cli.run(HOME, "get-parameters-for-import", *this, *wrapping)
    sealed = public_keys.encrypt("RSAES_OAEP_SHA_256", decoded(given, "PublicKey"), b"k" * 32)
    token = ("--import-token", cli.file(decoded(given, "ImportToken")))
    material = ("--encrypted-key-material", cli.file(sealed))
    for_ever = ("--expiration-model", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    cli.run(HOME, "import-key-material", *this, *token, *material, *for_ever)
    sealed = decoded(cli.run(HOME, "encrypt", *this, "--plaintext", cli.file(TEXT)))
    cli.run(HOME, "delete-imported-key-material", *this)
    assert "pending import" in cli.refused(HOME, "decrypt", "--ciphertext-blob", cli.file(sealed))


def test_the_last_use(cli: Cli) -> None:
    this = ("--key-id", new_key(cli))
    cli.run(HOME, "encrypt", *this, "--plaintext", cli.file(TEXT))
    assert cli.run(HOME, "get-key-last-usage", *this)["KeyLastUsage"]["Operation"] == "Encrypt"


def test_the_tour_has_been_everywhere(cli: Cli, cluster: Cluster, tell: Tell) -> None:
    """Runs last: every operation that is served, and that this AWS CLI knows, was used."""
    served = {command_of(name) for name in served_operations(cluster, HOME)}
    assert len(served) > 30
    if "untag-resource" not in cli.used:
        pytest.skip("the tour was not made: this test was asked for by name")
    known = cli.commands()
    assert served & known == cli.used
    tell(f"{len(cli.used)} operations; this AWS CLI does not know {sorted(served - known)}")
