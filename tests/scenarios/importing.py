"""What an owner of key material does in a region: asks for parameters, wraps, imports."""

from __future__ import annotations

from typing import Any, Final

from tests.outside.wrapping import wrap
from tests.scenarios.client import Answer, Kms

FOR_EVER: Final = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
DIRECT: Final = "RSAES_OAEP_SHA_256"
WRAPPED: Final = "RSA_AES_KEY_WRAP_SHA_256"
NEW: Final = {"ImportType": "NEW_KEY_MATERIAL"}
EXISTING: Final = {"ImportType": "EXISTING_KEY_MATERIAL"}
ONE, TWO, THREE = (bytes([number]) * 32 for number in (1, 2, 3))


def external(kms: Kms, **members: Any) -> str:
    """A new key for imported material."""
    return kms.key(Origin="EXTERNAL", **members)


def parameters(kms: Kms, key_id: str, algorithm: str = DIRECT, spec: str = "RSA_2048") -> Answer:
    """The answer of GetParametersForImport."""
    return kms(
        "GetParametersForImport",
        KeyId=key_id,
        WrappingAlgorithm=algorithm,
        WrappingKeySpec=spec,
    )


def request(
    kms: Kms, key_id: str, material: bytes, algorithm: str = DIRECT, spec: str = "RSA_2048"
) -> dict[str, bytes]:
    """The two members of ImportKeyMaterial that belong together."""
    given = parameters(kms, key_id, algorithm, spec)
    wrapped = wrap(given["PublicKey"], algorithm, material)
    return {"ImportToken": given["ImportToken"], "EncryptedKeyMaterial": wrapped}


def import_material(
    kms: Kms,
    key_id: str,
    material: bytes = ONE,
    algorithm: str = DIRECT,
    **members: Any,
) -> str | None:
    """Import material, for ever if nothing else is said; returns KeyMaterialId, if there is one."""
    members = members if "ValidTo" in members else {**FOR_EVER, **members}
    made = request(kms, key_id, material, algorithm)
    answer = kms("ImportKeyMaterial", KeyId=key_id, **made, **members)
    assert answer["KeyId"] == kms.arn(key_id)
    material_id: str | None = answer.get("KeyMaterialId")
    return material_id


def materials(kms: Kms, key_id: str) -> list[Answer]:
    """Every material of a key, as ListKeyRotations tells of it."""
    listed = kms("ListKeyRotations", KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    rotations: list[Answer] = listed["Rotations"]
    return rotations


def parts(kms: Kms, key_id: str) -> dict[str, tuple[str, str]]:
    """KeyMaterialState and ImportState of every material of a key."""
    return {
        each["KeyMaterialId"]: (each["KeyMaterialState"], each["ImportState"])
        for each in materials(kms, key_id)
    }


def state(kms: Kms, key_id: str) -> str:
    """A key's KeyState."""
    return str(kms.metadata(key_id)["KeyState"])
