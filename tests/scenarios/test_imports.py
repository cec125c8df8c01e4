"""Imported key material of a single-Region key, from its first import to its expiry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crypto.imports import WRAPPING_ALGORITHMS
from crypto.specs import KEY_SPECS
from tests.outside.openssl import OpenSsl
from tests.outside.wrapping import wrap
from tests.scenarios.client import Kms, refused
from tests.scenarios.importing import (
    DIRECT,
    EXISTING,
    FOR_EVER,
    NEW,
    ONE,
    THREE,
    TWO,
    WRAPPED,
    external,
    import_material,
    materials,
    parameters,
    parts,
    request,
    state,
)
from tests.scenarios.region import DAY_SECONDS, Regions, RegionUnderTest
from tests.unit.crypto.imported import given

SPECS = [(spec.name, usage) for spec in KEY_SPECS.values() for usage in spec.usages]
NO_ID = "f" * 64


def expiring(region: RegionUnderTest, days: float) -> dict[str, Any]:
    """That material expires so many days from now."""
    return {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": region.clock.now() + days * 86400}


def expire(region: RegionUnderTest, days: float) -> None:
    """Let time pass, and what is due be done."""
    region.clock.move(days=days)
    while region.step_schedule():
        pass


# Creation


@pytest.mark.parametrize(("spec", "usage"), SPECS)
@pytest.mark.parametrize("multi_region", [False, True])
def test_a_key_of_every_spec_awaits_its_material(
    kms: Kms, spec: str, usage: str, multi_region: bool
) -> None:
    key_id = external(kms, KeySpec=spec, KeyUsage=usage, MultiRegion=multi_region)
    metadata = kms.metadata(key_id)
    assert (metadata["Origin"], metadata["KeyState"]) == ("EXTERNAL", "PendingImport")
    assert metadata["Enabled"] is False
    assert not metadata.keys() & {"CurrentKeyMaterialId", "ExpirationModel", "ValidTo"}


def test_it_does_nothing_until_then(kms: Kms) -> None:
    key_id = external(kms)
    pending = f"{kms.arn(key_id)} is pending import."
    for operation, members in (
        ("Encrypt", {"Plaintext": b"x"}),
        ("GenerateDataKey", {"NumberOfBytes": 8}),
        ("EnableKey", {}),
        ("DisableKey", {}),
        ("RotateKeyOnDemand", {}),
    ):
        with refused("KMSInvalidStateException", pending):
            kms(operation, KeyId=key_id, **members)
    assert materials(kms, key_id) == []
    assert kms("GetKeyRotationStatus", KeyId=key_id)["KeyRotationEnabled"] is False
    assert kms("DeleteImportedKeyMaterial", KeyId=key_id) == {"KeyId": kms.arn(key_id)}


# Import


@pytest.mark.parametrize("spec", KEY_SPECS)
def test_material_of_every_spec(kms: Kms, spec: str) -> None:
    key_id = external(kms, KeySpec=spec, KeyUsage=KEY_SPECS[spec].usages[-1])
    material_id = import_material(kms, key_id, given(spec), WRAPPED)
    metadata = kms.metadata(key_id)
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "ValidTo" not in metadata
    assert metadata.get("CurrentKeyMaterialId") == material_id
    assert (material_id is not None) is (spec == "SYMMETRIC_DEFAULT")
    import_material(kms, key_id, given(spec), WRAPPED)  # the same again is as good
    if spec != "SYMMETRIC_DEFAULT":
        with refused("IncorrectKeyMaterialException", ""):
            import_material(kms, key_id, given(spec, 1), WRAPPED)


@pytest.mark.parametrize("wrapping_key", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_every_wrapping_key(kms: Kms, region: RegionUnderTest, wrapping_key: str) -> None:
    key_id = external(kms)
    answer = parameters(kms, key_id, DIRECT, wrapping_key)
    assert answer["KeyId"] == kms.arn(key_id)
    assert answer["ParametersValidTo"] == region.clock.now() + DAY_SECONDS
    for algorithm in WRAPPING_ALGORITHMS:
        made = request(kms, key_id, ONE, algorithm, wrapping_key)
        kms("ImportKeyMaterial", KeyId=key_id, **made, **FOR_EVER)
    assert kms.decrypt(kms.encrypt(key_id)) == b"attack at dawn"


@pytest.mark.parametrize("algorithm", WRAPPING_ALGORITHMS)
@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "HMAC_384", "ECC_NIST_P256"])
def test_material_that_openssl_wrapped(kms: Kms, tmp_path: Path, algorithm: str, spec: str) -> None:
    """The commands of the AWS guide, as docs/imports.md has them."""
    key_id = external(kms, KeySpec=spec, KeyUsage=KEY_SPECS[spec].usages[0])
    answer = parameters(kms, key_id, algorithm)
    wrapped = OpenSsl(tmp_path).wrapped(algorithm, answer["PublicKey"], given(spec))
    token = {"ImportToken": answer["ImportToken"], "EncryptedKeyMaterial": wrapped}
    kms("ImportKeyMaterial", KeyId=key_id, **token, **FOR_EVER)
    import_material(kms, key_id, given(spec))  # or it would be other material
    assert state(kms, key_id) == "Enabled"


@pytest.mark.parametrize(
    ("algorithm", "wrapping_key", "spec", "text"),
    [
        ("RSAES_PKCS1_V1_5", "RSA_2048", "SYMMETRIC_DEFAULT", "RSAES_PKCS1_V1_5 is not"),
        ("SM2PKE", "RSA_2048", "SYMMETRIC_DEFAULT", "SM2PKE is not supported"),
        (DIRECT, "SM2", "SYMMETRIC_DEFAULT", "SM2 is not supported in this Region"),
        ("SM2PKE", "SM2", "SYMMETRIC_DEFAULT", "SM2PKE is not supported"),
        (DIRECT, "RSA_4096", "RSA_2048", "key material of key spec RSA_2048"),
        ("RSAES_OAEP_SHA_1", "RSA_4096", "RSA_3072", "key material of key spec RSA_3072"),
        (DIRECT, "RSA_2048", "ECC_NIST_P521", "key material of key spec ECC_NIST_P521"),
    ],
)
def test_ways_of_wrapping_that_kms_refuses(
    kms: Kms, algorithm: str, wrapping_key: str, spec: str, text: str
) -> None:
    key_id = external(kms, KeySpec=spec, KeyUsage=KEY_SPECS[spec].usages[0])
    with refused("UnsupportedOperationException") as caught:
        parameters(kms, key_id, algorithm, wrapping_key)
    assert text in caught.value.message


@pytest.mark.parametrize(
    "operation", ["GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial"]
)
def test_a_key_with_material_of_kms_takes_none(kms: Kms, operation: str) -> None:
    key_id = kms.key()
    members: dict[str, dict[str, Any]] = {
        "GetParametersForImport": {"WrappingAlgorithm": DIRECT, "WrappingKeySpec": "RSA_2048"},
        "ImportKeyMaterial": {"ImportToken": b"t", "EncryptedKeyMaterial": b"m", **FOR_EVER},
    }
    text = f"{kms.arn(key_id)} origin is AWS_KMS which is not valid for this operation."
    with refused("UnsupportedOperationException", text):
        kms(operation, KeyId=key_id, **members.get(operation, {}))


def test_other_keys_of_the_same_material_are_other_keys(kms: Kms) -> None:
    one, other = external(kms), external(kms)
    ids = {import_material(kms, each, ONE) for each in (one, other)}
    assert len(ids) == 2
    blob = kms.encrypt(one)
    with refused("IncorrectKeyException"):
        kms.decrypt(blob, KeyId=other)


# Tokens


def test_tokens_work_after_a_restart_and_several_at_once(regions: Regions) -> None:
    kms = regions["us-east-1"].kms
    key_id = external(kms)
    requests = [request(kms, key_id, ONE) for _ in range(3)]
    with regions.stopped("us-east-1"):
        pass
    kms = regions["us-east-1"].kms
    for each in reversed(requests):
        kms("ImportKeyMaterial", KeyId=key_id, **each, **FOR_EVER)
    assert state(kms, key_id) == "Enabled"


def test_a_token_is_good_for_a_day(region: RegionUnderTest, kms: Kms) -> None:
    key_id = external(kms)
    made = request(kms, key_id, ONE)
    region.clock.move(seconds=DAY_SECONDS - 1)
    kms("ImportKeyMaterial", KeyId=key_id, **made, **FOR_EVER)
    region.clock.move(seconds=1)
    with refused("ExpiredImportTokenException"):
        kms("ImportKeyMaterial", KeyId=key_id, **made, **FOR_EVER)


def test_a_token_of_another_key_or_region_or_of_nobody(shared_regions: Regions) -> None:
    kms, elsewhere = shared_regions["us-east-1"].kms, shared_regions["eu-west-1"].kms
    key_id = external(kms)
    good, other = request(kms, key_id, ONE), request(kms, external(kms), ONE)
    foreign = request(elsewhere, external(elsewhere), ONE)
    for token in (other["ImportToken"], foreign["ImportToken"], b"x", good["ImportToken"][:-1]):
        with refused("InvalidImportTokenException", ""):
            kms("ImportKeyMaterial", KeyId=key_id, **{**good, "ImportToken": token}, **FOR_EVER)
    assert state(kms, key_id) == "PendingImport"


def test_a_token_and_the_wrapping_key_of_another_token(kms: Kms) -> None:
    key_id = external(kms)
    one, other = request(kms, key_id, ONE), request(kms, key_id, ONE)
    mixed = {**one, "EncryptedKeyMaterial": other["EncryptedKeyMaterial"]}
    with refused("InvalidCiphertextException", ""):
        kms("ImportKeyMaterial", KeyId=key_id, **mixed, **FOR_EVER)


@pytest.mark.parametrize("material", [b"", bytes(31), bytes(33), bytes(64)])
def test_material_of_a_wrong_size(kms: Kms, material: bytes) -> None:
    with refused("IncorrectKeyMaterialException", ""):
        import_material(kms, external(kms), material)


def test_material_of_a_wrong_curve(kms: Kms) -> None:
    key_id = external(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    with refused("IncorrectKeyMaterialException", ""):
        import_material(kms, key_id, given("ECC_SECG_P256K1"))


# What is said of material


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({}, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"),
        (
            {"ExpirationModel": "KEY_MATERIAL_EXPIRES"},
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        ),
        (
            {**FOR_EVER, "ValidTo": 2e9},
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        ),
        ({"ValidTo": 1e9}, "The validTo date must be in the future"),
        ({"ValidTo": 3e9}, "The validTo date must be within 365 days"),
    ],
)
def test_times_that_do_not_go(kms: Kms, members: dict[str, Any], text: str) -> None:
    key_id = external(kms)
    with refused("ValidationException", text):
        kms("ImportKeyMaterial", KeyId=key_id, **request(kms, key_id, ONE), **members)


def test_the_bounds_of_a_time(region: RegionUnderTest, kms: Kms) -> None:
    key_id, now = external(kms), region.clock.now()
    import_material(kms, key_id, ValidTo=now + 365 * DAY_SECONDS)
    assert kms.metadata(key_id)["ValidTo"] == now + 365 * DAY_SECONDS
    for wrong in (now + 365 * DAY_SECONDS + 1, now):
        with refused("ValidationException"):
            import_material(kms, key_id, ValidTo=wrong)
    import_material(kms, key_id, ValidTo=now + 0.5)
    assert kms.metadata(key_id)["ValidTo"] == now + 0.5


def test_the_import_types(kms: Kms) -> None:
    key_id = external(kms)
    with refused("IncorrectKeyMaterialException", ""):
        import_material(kms, key_id, ONE, **EXISTING)
    one = import_material(kms, key_id, ONE, **NEW)
    with refused("IncorrectKeyMaterialException", ""):
        import_material(kms, key_id, ONE, **NEW)  # it is the key's already
    with refused("IncorrectKeyMaterialException", ""):
        import_material(kms, key_id, TWO)  # which means EXISTING now
    assert import_material(kms, key_id, ONE) == one
    assert import_material(kms, key_id, ONE, **EXISTING) == one


def test_the_material_id_in_a_request(kms: Kms) -> None:
    key_id = external(kms)
    text = "KeyMaterialId must not be specified with ImportType NEW_KEY_MATERIAL."
    for members in ({}, NEW):
        with refused("ValidationException", text):
            import_material(kms, key_id, ONE, KeyMaterialId=NO_ID, **members)
    one = import_material(kms, key_id, ONE)
    assert import_material(kms, key_id, ONE, KeyMaterialId=one) == one
    with refused("IncorrectKeyMaterialException", ""):
        import_material(kms, key_id, ONE, KeyMaterialId=NO_ID)


def test_a_description_stays_until_there_is_another(kms: Kms) -> None:
    key_id = external(kms)
    import_material(kms, key_id, ONE, KeyMaterialDescription="from the safe")
    assert materials(kms, key_id)[0]["KeyMaterialDescription"] == "from the safe"
    import_material(kms, key_id, ONE)
    assert materials(kms, key_id)[0]["KeyMaterialDescription"] == "from the safe"
    import_material(kms, key_id, ONE, KeyMaterialDescription="from the bank")
    assert materials(kms, key_id)[0]["KeyMaterialDescription"] == "from the bank"
    with refused("ValidationException"):
        import_material(kms, key_id, ONE, KeyMaterialDescription="a" * 257)


@pytest.mark.parametrize(
    ("members", "name"),
    [
        (NEW, "ImportType"),
        ({"KeyMaterialId": NO_ID}, "KeyMaterialId"),
        ({"KeyMaterialDescription": "x"}, "KeyMaterialDescription"),
    ],
)
def test_what_only_symmetric_keys_have(kms: Kms, members: dict[str, str], name: str) -> None:
    key_id = external(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    text = f"{kms.arn(key_id)} key spec is HMAC_256 which is not valid for {name}."
    with refused("UnsupportedOperationException", text):
        import_material(kms, key_id, ONE, **members)


# Deletion and expiry


def test_deleted_material_and_the_same_again(kms: Kms) -> None:
    key_id = external(kms)
    one = import_material(kms, key_id)
    blob = kms.encrypt(key_id)
    answer = kms("DeleteImportedKeyMaterial", KeyId=key_id)
    assert answer == {"KeyId": kms.arn(key_id), "KeyMaterialId": one}
    metadata = kms.metadata(key_id)
    assert (metadata["KeyState"], metadata["CurrentKeyMaterialId"]) == ("PendingImport", one)
    assert "ExpirationModel" not in metadata
    assert parts(kms, key_id) == {one: ("CURRENT", "PENDING_IMPORT")}
    with refused("KMSInvalidStateException", f"{kms.arn(key_id)} is pending import."):
        kms.decrypt(blob)
    assert kms("DeleteImportedKeyMaterial", KeyId=key_id)["KeyMaterialId"] == one
    with refused("IncorrectKeyMaterialException", ""):
        import_material(kms, key_id, TWO)
    assert import_material(kms, key_id, ONE) == one
    assert kms.decrypt(blob) == b"attack at dawn"


def test_the_bytes_of_deleted_material_are_gone_from_the_store(
    region: RegionUnderTest, kms: Kms
) -> None:
    key_id = external(kms)
    import_material(kms, key_id)
    kms("DeleteImportedKeyMaterial", KeyId=key_id)
    found = region.run(lambda running: running.store.read_key(key_id))
    assert found is not None
    assert found[1] == {}


def test_material_that_is_none_of_the_key_s(kms: Kms) -> None:
    key_id = external(kms)
    import_material(kms, key_id)
    text = f"Key material {NO_ID} is not associated with {kms.arn(key_id)}."
    with refused("NotFoundException", text):
        kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=NO_ID)
    mac = external(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    import_material(kms, mac)
    with refused("UnsupportedOperationException"):
        kms("DeleteImportedKeyMaterial", KeyId=mac, KeyMaterialId=NO_ID)
    assert kms("DeleteImportedKeyMaterial", KeyId=mac) == {"KeyId": kms.arn(mac)}
    assert state(kms, mac) == "PendingImport"


def test_material_expires_and_the_same_comes_again(region: RegionUnderTest, kms: Kms) -> None:
    key_id = external(kms)
    one = import_material(kms, key_id, **expiring(region, 1))
    metadata = kms.metadata(key_id)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    blob = kms.encrypt(key_id)
    expire(region, 0.999)
    assert kms.decrypt(blob) == b"attack at dawn"
    expire(region, 0.001)
    assert state(kms, key_id) == "PendingImport"
    assert parts(kms, key_id) == {one: ("CURRENT", "PENDING_IMPORT")}
    with refused("KMSInvalidStateException"):
        kms.decrypt(blob)
    import_material(kms, key_id)
    assert kms.decrypt(blob) == b"attack at dawn"
    expire(region, 400)
    assert kms.decrypt(blob) == b"attack at dawn"


def test_a_new_time_takes_the_place_of_the_old_one(region: RegionUnderTest, kms: Kms) -> None:
    key_id = external(kms)
    import_material(kms, key_id, **expiring(region, 1))
    import_material(kms, key_id, **expiring(region, 3))
    expire(region, 2)
    assert state(kms, key_id) == "Enabled"
    import_material(kms, key_id)
    expire(region, 2)
    assert state(kms, key_id) == "Enabled"
    import_material(kms, key_id, **expiring(region, 1))
    expire(region, 1)
    assert state(kms, key_id) == "PendingImport"


def test_a_disabled_key_stays_disabled_unless_material_goes(
    region: RegionUnderTest, kms: Kms
) -> None:
    key_id = external(kms)
    import_material(kms, key_id)
    kms("DisableKey", KeyId=key_id)
    import_material(kms, key_id)
    assert state(kms, key_id) == "Disabled"
    kms("DeleteImportedKeyMaterial", KeyId=key_id)
    assert state(kms, key_id) == "PendingImport"
    import_material(kms, key_id)
    assert state(kms, key_id) == "Enabled"


def test_a_key_that_is_pending_deletion(region: RegionUnderTest, kms: Kms) -> None:
    key_id = external(kms)
    import_material(kms, key_id)
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    made = request(kms, external(kms), ONE)
    with refused("KMSInvalidStateException", f"{kms.arn(key_id)} is pending deletion."):
        kms("ImportKeyMaterial", KeyId=key_id, **made, **FOR_EVER)
    kms("DeleteImportedKeyMaterial", KeyId=key_id)
    assert state(kms, key_id) == "PendingDeletion"
    kms("CancelKeyDeletion", KeyId=key_id)
    assert state(kms, key_id) == "PendingImport"  # not Disabled: it has no material to enable
    import_material(kms, key_id)
    assert state(kms, key_id) == "Enabled"


def test_expiry_does_not_wait_for_what_is_pending_deletion(
    region: RegionUnderTest, kms: Kms
) -> None:
    key_id = external(kms)
    import_material(kms, key_id, **expiring(region, 1))
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    expire(region, 2)
    assert state(kms, key_id) == "PendingDeletion"
    found = region.run(lambda running: running.store.read_key(key_id))
    assert found is not None
    assert found[1] == {}
    expire(region, 6)
    with refused("NotFoundException"):
        kms.metadata(key_id)


# Rotation


def test_a_key_is_rotated_to_material_that_was_imported(region: RegionUnderTest, kms: Kms) -> None:
    key_id = external(kms)
    one = import_material(kms, key_id, ONE)
    old = kms.encrypt(key_id)
    text = f"No available key material pending rotation for the key: {kms.arn(key_id)}."
    with refused("KMSInvalidStateException", text):
        kms("RotateKeyOnDemand", KeyId=key_id)
    two = import_material(kms, key_id, TWO, KeyMaterialDescription="second", **NEW)
    assert parts(kms, key_id) == {
        one: ("CURRENT", "IMPORTED"),
        two: ("PENDING_ROTATION", "IMPORTED"),
    }
    assert kms("Decrypt", CiphertextBlob=kms.encrypt(key_id))["KeyMaterialId"] == one
    assert kms("RotateKeyOnDemand", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
    assert kms.metadata(key_id)["CurrentKeyMaterialId"] == two
    assert kms("Decrypt", CiphertextBlob=kms.encrypt(key_id))["KeyMaterialId"] == two
    assert kms("Decrypt", CiphertextBlob=old)["KeyMaterialId"] == one
    first, second = materials(kms, key_id)
    assert (first["KeyMaterialState"], second["KeyMaterialState"]) == ("NON_CURRENT", "CURRENT")
    assert second["RotationType"] == "ON_DEMAND"
    assert second["RotationDate"] == region.clock.now()
    assert second["KeyMaterialDescription"] == "second"
    assert not first.keys() & {"RotationDate", "RotationType", "KeyMaterialDescription"}
    assert kms("ListKeyRotations", KeyId=key_id)["Rotations"] == [second]
    status = kms("GetKeyRotationStatus", KeyId=key_id)
    assert status == {"KeyId": key_id, "KeyRotationEnabled": False}


def test_one_material_is_pending_at_a_time(kms: Kms) -> None:
    key_id = external(kms)
    import_material(kms, key_id, ONE)
    two = import_material(kms, key_id, TWO, **NEW)
    three = import_material(kms, other := external(kms), THREE)
    assert three is not None
    assert other != key_id
    with refused("KMSInvalidStateException") as caught:
        import_material(kms, key_id, THREE, **NEW)
    words = caught.value.message
    assert words.startswith("New key material (id: ")
    assert words.endswith(
        f") cannot be imported into KMS key {kms.arn(key_id)}, because another key material "
        f"(id: {two}) is pending rotation."
    )
    kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=two)
    assert state(kms, key_id) == "Enabled"
    third = import_material(kms, key_id, THREE, **NEW)
    assert parts(kms, key_id)[third] == ("PENDING_ROTATION", "IMPORTED")  # type: ignore[index]
    assert two not in parts(kms, key_id)


def test_any_missing_material_stops_the_whole_key(kms: Kms) -> None:
    key_id = external(kms)
    one = import_material(kms, key_id, ONE)
    two = import_material(kms, key_id, TWO, **NEW)
    kms("RotateKeyOnDemand", KeyId=key_id)
    blob = kms.encrypt(key_id)
    kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=one)
    with refused("KMSInvalidStateException", f"{kms.arn(key_id)} is pending import."):
        kms.decrypt(blob)
    kms("DeleteImportedKeyMaterial", KeyId=key_id)
    import_material(kms, key_id, ONE)
    assert state(kms, key_id) == "PendingImport"
    import_material(kms, key_id, TWO, KeyMaterialId=two)
    assert kms.decrypt(blob) == b"attack at dawn"


def test_what_expires_first_is_what_is_shown(region: RegionUnderTest, kms: Kms) -> None:
    key_id, now = external(kms), region.clock.now()
    import_material(kms, key_id, ONE, ValidTo=now + 9 * DAY_SECONDS)
    import_material(kms, key_id, TWO, ValidTo=now + 2 * DAY_SECONDS, **NEW)
    assert kms.metadata(key_id)["ValidTo"] == now + 9 * DAY_SECONDS  # the other one is not its own
    kms("RotateKeyOnDemand", KeyId=key_id)
    assert kms.metadata(key_id)["ValidTo"] == now + 2 * DAY_SECONDS
    shown = [each["ValidTo"] for each in materials(kms, key_id)]
    assert shown == [now + 9 * DAY_SECONDS, now + 2 * DAY_SECONDS]


def test_pending_material_expires_and_is_no_longer_pending(
    region: RegionUnderTest, kms: Kms
) -> None:
    key_id = external(kms)
    one = import_material(kms, key_id, ONE)
    import_material(kms, key_id, TWO, **NEW, **expiring(region, 1))
    expire(region, 1)
    assert parts(kms, key_id) == {one: ("CURRENT", "IMPORTED")}
    assert state(kms, key_id) == "Enabled"


def test_a_key_is_rotated_twenty_five_times(kms: Kms) -> None:
    key_id = external(kms)
    made = [bytes([number]) * 32 for number in range(27)]
    import_material(kms, key_id, made[0])
    for material in made[1:26]:
        import_material(kms, key_id, material, **NEW)
        kms("RotateKeyOnDemand", KeyId=key_id)
    import_material(kms, key_id, made[26], **NEW)
    with refused(
        "LimitExceededException",
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
        f"rotations can be performed for this key: {kms.arn(key_id)}",
    ):
        kms("RotateKeyOnDemand", KeyId=key_id)


@pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation"])
def test_it_is_never_rotated_automatically(kms: Kms, operation: str) -> None:
    key_id = external(kms)
    import_material(kms, key_id)
    text = f"{kms.arn(key_id)} origin is EXTERNAL which is not valid for this operation."
    with refused("UnsupportedOperationException", text):
        kms(operation, KeyId=key_id)


@pytest.mark.parametrize("operation", ["RotateKeyOnDemand", "ListKeyRotations"])
def test_only_symmetric_keys_are_rotated(kms: Kms, operation: str) -> None:
    key_id = external(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    import_material(kms, key_id)
    with refused("UnsupportedOperationException", ""):
        kms(operation, KeyId=key_id)


def test_a_rotations_list_page_by_page(kms: Kms) -> None:
    key_id = external(kms)
    import_material(kms, key_id, ONE)
    import_material(kms, key_id, TWO, **NEW)
    members = {"KeyId": key_id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL", "Limit": 1}
    first = kms("ListKeyRotations", **members)
    assert first["Truncated"] is True
    second = kms("ListKeyRotations", Marker=first["NextMarker"], **members)
    assert second["Truncated"] is False
    assert first["Rotations"] + second["Rotations"] == materials(kms, key_id)


def test_wrapped_for_a_key_that_was_rotated_meanwhile(kms: Kms) -> None:
    """Two imports of new material that were prepared side by side: the first one comes in."""
    key_id = external(kms)
    import_material(kms, key_id, ONE)
    given_two = parameters(kms, key_id)
    wrapped = wrap(given_two["PublicKey"], DIRECT, TWO)
    import_material(kms, key_id, THREE, **NEW)
    with refused("KMSInvalidStateException"):
        kms(
            "ImportKeyMaterial",
            KeyId=key_id,
            ImportToken=given_two["ImportToken"],
            EncryptedKeyMaterial=wrapped,
            **NEW,
            **FOR_EVER,
        )
