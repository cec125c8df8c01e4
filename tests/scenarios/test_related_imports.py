"""Imported material of related keys: each region imports for itself, the primary keeps count."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest

from crypto.specs import KEY_SPECS
from tests.scenarios.client import Kms, refused
from tests.scenarios.importing import (
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
    parts,
    request,
    state,
)
from tests.scenarios.region import DAY_SECONDS, REGIONS, Regions
from tests.unit.crypto.imported import given

HOME, NEAR, FAR = REGIONS
ONE_OF_EACH_KIND = {spec.kind: name for name, spec in KEY_SPECS.items()}.values()
AWAITED = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


def related(regions: Regions, *replicas: str, material: bytes = ONE) -> str:
    """A key whose first material is in the primary, and its replicas, which have none."""
    home = regions[HOME].kms
    key_id = external(home, MultiRegion=True)
    import_material(home, key_id, material)
    for each in replicas:
        home("ReplicateKey", KeyId=key_id, ReplicaRegion=each)
    regions.settle()
    return key_id


def everywhere(regions: Regions, key_id: str, material: bytes, *names: str) -> str:
    """Import material that the key has already, into replicas; returns its ID."""
    ids = {import_material(regions[each].kms, key_id, material, **EXISTING) for each in names}
    regions.settle()
    (material_id,) = ids
    assert material_id is not None
    return material_id


def ready(regions: Regions) -> tuple[str, str, str]:
    """A key whose second material is in all three regions: its ID, and those of its materials."""
    key_id = related(regions, NEAR, FAR)
    one = everywhere(regions, key_id, ONE, NEAR, FAR)
    two = import_material(regions[HOME].kms, key_id, TWO, **NEW)
    regions.settle()
    assert everywhere(regions, key_id, TWO, NEAR, FAR) == two
    return key_id, one, str(two)


def states(regions: Regions, key_id: str) -> dict[str, str]:
    """The key's state in every region."""
    return {name: state(each.kms, key_id) for name, each in regions.items()}


def test_a_key_without_material_is_not_replicated(shared_regions: Regions) -> None:
    kms = shared_regions[HOME].kms
    key_id = external(kms, MultiRegion=True)
    with refused("KMSInvalidStateException", f"{kms.arn(key_id)} is pending import."):
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)


def test_a_replica_awaits_the_same_material(shared_regions: Regions) -> None:
    key_id = related(shared_regions, NEAR)
    home, near = shared_regions[HOME].kms, shared_regions[NEAR].kms
    blob = home.encrypt(key_id)
    metadata = near.metadata(key_id)
    assert (metadata["Origin"], metadata["KeyState"]) == ("EXTERNAL", "PendingImport")
    assert "ExpirationModel" not in metadata
    current = home.metadata(key_id)["CurrentKeyMaterialId"]
    assert parts(near, key_id) == {current: ("CURRENT", "PENDING_IMPORT")}
    with refused("KMSInvalidStateException", f"{near.arn(key_id)} is pending import."):
        near.decrypt(blob)
    with refused("IncorrectKeyMaterialException", ""):
        import_material(near, key_id, TWO)
    with refused("UnsupportedOperationException"):
        import_material(near, key_id, ONE, **NEW)
    assert import_material(near, key_id, ONE, KeyMaterialId=current) == current
    assert near.decrypt(blob) == b"attack at dawn"
    assert home.decrypt(near.encrypt(key_id)) == b"attack at dawn"


@pytest.mark.parametrize("spec", ONE_OF_EACH_KIND)
def test_keys_of_every_spec(shared_regions: Regions, spec: str) -> None:
    home, near = shared_regions[HOME].kms, shared_regions[NEAR].kms
    usage = KEY_SPECS[spec].usages[0]
    key_id = external(home, MultiRegion=True, KeySpec=spec, KeyUsage=usage)
    first = import_material(home, key_id, given(spec), WRAPPED)
    home("ReplicateKey", KeyId=key_id, ReplicaRegion=NEAR)
    shared_regions.settle()
    assert state(near, key_id) == "PendingImport"
    with refused("IncorrectKeyMaterialException", ""):
        import_material(near, key_id, given(spec, 1), WRAPPED)
    assert import_material(near, key_id, given(spec), WRAPPED) == first
    assert state(near, key_id) == "Enabled"
    if KEY_SPECS[spec].kind.asymmetric:
        halves = {kms("GetPublicKey", KeyId=key_id)["PublicKey"] for kms in (home, near)}
        assert len(halves) == 1


def test_a_token_of_the_primary_is_none_of_the_replica(shared_regions: Regions) -> None:
    key_id = related(shared_regions, NEAR)
    made = request(shared_regions[HOME].kms, key_id, ONE)
    with refused("InvalidImportTokenException", ""):
        shared_regions[NEAR].kms("ImportKeyMaterial", KeyId=key_id, **made, **FOR_EVER)


def test_the_whole_order_of_a_rotation(regions: Regions) -> None:
    key_id = related(regions, NEAR, FAR)
    one = everywhere(regions, key_id, ONE, NEAR, FAR)
    home, near, far = (regions[each].kms for each in REGIONS)
    blobs = [kms.encrypt(key_id) for kms in (home, near, far)]

    two = import_material(home, key_id, TWO, KeyMaterialDescription="second", **NEW)
    assert two is not None
    regions.settle()
    assert parts(home, key_id)[two] == (AWAITED, "IMPORTED")
    assert parts(near, key_id)[two] == (AWAITED, "PENDING_IMPORT")
    assert materials(far, key_id)[-1]["KeyMaterialDescription"] == "second"
    assert set(states(regions, key_id).values()) == {"Enabled"}
    text = (
        f"The key material pending rotation for the key {home.arn(key_id)} is not imported yet in "
    )
    with refused("KMSInvalidStateException", f"{text}{FAR}, {NEAR}."):
        home("RotateKeyOnDemand", KeyId=key_id)

    everywhere(regions, key_id, TWO, NEAR)
    assert parts(near, key_id)[two] == (AWAITED, "IMPORTED")
    with refused("KMSInvalidStateException", f"{text}{FAR}."):
        home("RotateKeyOnDemand", KeyId=key_id)
    everywhere(regions, key_id, TWO, FAR)
    for kms in (home, near, far):
        assert parts(kms, key_id)[two] == ("PENDING_ROTATION", "IMPORTED")

    with refused(
        "UnsupportedOperationException", f"{near.arn(key_id)} is not a multi-region primary key."
    ):
        near("RotateKeyOnDemand", KeyId=key_id)
    home("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    for kms in (home, near, far):
        assert parts(kms, key_id) == {
            one: ("NON_CURRENT", "IMPORTED"),
            two: ("CURRENT", "IMPORTED"),
        }
        assert kms.metadata(key_id)["CurrentKeyMaterialId"] == two
        assert kms("ListKeyRotations", KeyId=key_id)["Rotations"][0]["RotationType"] == "ON_DEMAND"
        assert [kms.decrypt(blob) for blob in blobs] == [b"attack at dawn"] * 3
    assert near("Decrypt", CiphertextBlob=far.encrypt(key_id))["KeyMaterialId"] == two


def test_the_material_never_travels(regions: Regions) -> None:
    """Not sealed either: no offer in any log has material of the key."""
    key_id, *_ = ready(regions)
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    regions[HOME].kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=NEAR)
    regions.settle()
    regions[FAR].kms.admin("Promote", from_region=NEAR)
    regions.settle()
    offers = [
        offer for entry in regions.network.appended for offer in _payload(entry).get("offers", ())
    ]
    assert offers  # of both replicas, of the second material, and what the promotion tells
    assert all(offer["materials"] == [] for offer in offers)


def _payload(entry: bytes) -> dict[str, Any]:
    _, body, _ = msgpack.unpackb(entry)
    payload: dict[str, Any] = msgpack.unpackb(body)["payload"]
    return payload


def test_a_replica_that_loses_pending_material_says_so(regions: Regions) -> None:
    key_id, one, two = ready(regions)
    near = regions[NEAR].kms
    assert (
        near("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=two)["KeyMaterialId"] == two
    )
    regions.settle()
    assert set(states(regions, key_id).values()) == {"Enabled"}
    assert parts(near, key_id) == {one: ("CURRENT", "IMPORTED"), two: (AWAITED, "PENDING_IMPORT")}
    assert parts(regions[FAR].kms, key_id)[two] == (AWAITED, "IMPORTED")
    with refused("KMSInvalidStateException"):
        regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    everywhere(regions, key_id, TWO, NEAR)
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)


def test_pending_material_deleted_on_the_primary_is_deleted_everywhere(regions: Regions) -> None:
    key_id, one, two = ready(regions)
    home = regions[HOME].kms
    home("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=two)
    regions.settle()
    for each in regions.values():
        assert parts(each.kms, key_id) == {one: ("CURRENT", "IMPORTED")}
        found = each.run(lambda region: region.store.read_key(key_id))
        assert found is not None
        assert list(found[1]) == [one]
    three = import_material(home, key_id, THREE, **NEW)
    regions.settle()
    assert everywhere(regions, key_id, THREE, NEAR, FAR) == three
    home("RotateKeyOnDemand", KeyId=key_id)


def test_material_that_was_current_is_deleted_in_one_region_alone(regions: Regions) -> None:
    key_id, one, _ = ready(regions)
    regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    blob = regions[FAR].kms.encrypt(key_id)
    regions[NEAR].kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=one)
    regions.settle()
    assert states(regions, key_id) == {HOME: "Enabled", NEAR: "PendingImport", FAR: "Enabled"}
    regions[HOME].kms("DeleteImportedKeyMaterial", KeyId=key_id)
    regions.settle()
    assert states(regions, key_id) == {HOME: "PendingImport", NEAR: "PendingImport", FAR: "Enabled"}
    assert regions[FAR].kms.decrypt(blob) == b"attack at dawn"
    everywhere(regions, key_id, ONE, NEAR)
    assert regions[NEAR].kms.decrypt(blob) == b"attack at dawn"


def test_it_expires_in_each_region_on_its_own(regions: Regions) -> None:
    key_id = related(regions, NEAR)
    home, near = regions[HOME].kms, regions[NEAR].kms
    now = regions.clock.now()
    import_material(home, key_id, ValidTo=now + 9 * DAY_SECONDS)
    import_material(near, key_id, ValidTo=now + 2 * DAY_SECONDS)
    assert home.metadata(key_id)["ValidTo"] == now + 9 * DAY_SECONDS
    assert near.metadata(key_id)["ValidTo"] == now + 2 * DAY_SECONDS
    regions.clock.move(days=3)
    assert [regions[each].step_schedule() for each in (HOME, NEAR)] == [0, 1]
    regions.settle()
    assert (state(home, key_id), state(near, key_id)) == ("Enabled", "PendingImport")


def test_a_replica_that_is_made_while_material_is_pending(regions: Regions) -> None:
    key_id = related(regions, NEAR)
    everywhere(regions, key_id, ONE, NEAR)
    home, far = regions[HOME].kms, regions[FAR].kms
    two = import_material(home, key_id, TWO, **NEW)
    regions.settle()
    everywhere(regions, key_id, TWO, NEAR)
    home("ReplicateKey", KeyId=key_id, ReplicaRegion=FAR)
    regions.settle()
    with refused("KMSInvalidStateException"):
        home("RotateKeyOnDemand", KeyId=key_id)
    assert parts(far, key_id)[str(two)] == (AWAITED, "PENDING_IMPORT")
    import_material(far, key_id, TWO)
    assert state(far, key_id) == "PendingImport"  # what is pending is not enough
    everywhere(regions, key_id, ONE, FAR)
    home("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    assert far.decrypt(home.encrypt(key_id)) == b"attack at dawn"


def test_the_new_primary_goes_on_with_what_is_pending(regions: Regions) -> None:
    """One replica imports while the handover is under way: nobody's word is lost."""
    key_id = related(regions, NEAR, FAR)
    everywhere(regions, key_id, ONE, NEAR, FAR)
    home, near, far = (regions[each].kms for each in REGIONS)
    two = import_material(home, key_id, TWO, **NEW)
    regions.settle()
    regions.network.away = {FAR}
    import_material(far, key_id, TWO, **EXISTING)
    home("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=NEAR)
    regions.settle()
    regions.network.away = set()
    regions.settle()
    import_material(near, key_id, TWO, **EXISTING)
    regions.settle()
    for kms in (home, near, far):
        assert parts(kms, key_id)[str(two)] == ("PENDING_ROTATION", "IMPORTED")
    near("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    assert {kms.metadata(key_id)["CurrentKeyMaterialId"] for kms in (home, near, far)} == {two}


def test_a_rotation_goes_on_without_a_region_that_was_evicted(regions: Regions) -> None:
    key_id = related(regions, NEAR, FAR)
    everywhere(regions, key_id, ONE, NEAR, FAR)
    home, far = regions[HOME].kms, regions[FAR].kms
    import_material(home, key_id, TWO, **NEW)
    regions.settle()
    everywhere(regions, key_id, TWO, NEAR)
    home.admin("EvictRegion", region=FAR)
    home("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    assert state(far, key_id) == "PendingImport"
    import_material(far, key_id, TWO)
    assert far.decrypt(home.encrypt(key_id)) == b"attack at dawn"


def test_a_forced_promotion_drops_what_is_pending_and_loses_nothing(regions: Regions) -> None:
    """Both sides rotate; when they meet, every region still has all it imported."""
    key_id, one, two = ready(regions)
    home, near, far = (regions[each].kms for each in REGIONS)
    regions.network.away = {HOME}
    (promoted,) = near.admin("Promote", from_region=HOME)["keys"]
    assert promoted["dropped_rotation_since"] == regions.clock.now()
    regions.settle()
    assert parts(near, key_id) == {one: ("CURRENT", "IMPORTED")}
    home("RotateKeyOnDemand", KeyId=key_id)
    blob = home.encrypt(key_id)
    regions.network.away = set()
    regions.settle()
    for kms in (home, near, far):
        assert set(parts(kms, key_id)) == {one, two}
        assert kms.metadata(key_id)["CurrentKeyMaterialId"] == one
        assert kms.decrypt(blob) == b"attack at dawn"


def test_a_restarted_region_knows_what_it_imported(regions: Regions) -> None:
    key_id, *_ = ready(regions)
    blob = regions[NEAR].kms.encrypt(key_id)
    with regions.stopped(NEAR):
        regions[HOME].kms("RotateKeyOnDemand", KeyId=key_id)
    regions.settle()
    assert regions[NEAR].kms.decrypt(blob) == b"attack at dawn"
    assert regions[NEAR].kms.decrypt(regions[HOME].kms.encrypt(key_id)) == b"attack at dawn"


def test_a_description_given_to_a_replica_is_the_primary_s_business(regions: Regions) -> None:
    key_id = related(regions, NEAR)
    near = regions[NEAR].kms
    import_material(near, key_id, KeyMaterialDescription="of the replica")
    import_material(regions[HOME].kms, key_id, KeyMaterialDescription="of the primary")
    regions.settle()
    assert [each["KeyMaterialDescription"] for each in materials(near, key_id)] == [
        "of the primary"
    ]


def _lives(kms: Kms, key_id: str, blob: bytes) -> None:
    assert kms.decrypt(blob) == b"attack at dawn"


def test_a_replica_lives_without_its_primary(regions: Regions) -> None:
    """Deleting, importing and using need no other region."""
    key_id, *_ = ready(regions)
    near = regions[NEAR].kms
    blob = near.encrypt(key_id)
    regions.network.away = {HOME, FAR}
    near("DeleteImportedKeyMaterial", KeyId=key_id)
    assert state(near, key_id) == "PendingImport"
    import_material(near, key_id, ONE)
    _lives(near, key_id, blob)
    regions.network.away = set()
    regions.settle()
