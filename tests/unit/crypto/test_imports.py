"""Import tokens and unwrapping: every combination that KMS takes, and all that it refuses."""

from __future__ import annotations

import contextlib
from functools import cache

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from crypto.errors import IncorrectKeyMaterial, InvalidCiphertext, InvalidImportToken
from crypto.imports import (
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SPECS,
    ImportParameters,
    ImportToken,
    new_parameters,
)
from crypto.keys import imported_material
from crypto.sealing import RootKey, RootKeyRing
from crypto.specs import KEY_SPECS
from tests.outside import wrapping
from tests.outside.wrapping import wrap
from tests.unit.crypto.imported import defects, given
from tests.unit.crypto.keys import KEY_ID, material_of
from tests.unit.crypto.strategies import seeded
from tests.vectors.loading import says_nothing

REGION = "us-east-1"
VALID_TO = 1_700_086_400
RING = RootKeyRing([RootKey.generate(seeded())])
DIRECT, WRAPPED = "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"
WAYS = [(algorithm, spec) for algorithm in WRAPPING_ALGORITHMS for spec in WRAPPING_KEY_SPECS]
DEFECTS = [(spec, name) for spec in KEY_SPECS for name in defects(spec)]


def parameters(algorithm: str, wrapping_key: str = "RSA_2048", number: int = 0) -> ImportParameters:
    return _parameters(algorithm, wrapping_key, number)


@cache
def _parameters(algorithm: str, wrapping_key: str, number: int) -> ImportParameters:
    return new_parameters(RING, REGION, KEY_ID, (algorithm, wrapping_key), VALID_TO, seeded(number))


def token(algorithm: str, wrapping_key: str = "RSA_2048", number: int = 0) -> ImportToken:
    made = parameters(algorithm, wrapping_key, number)
    return ImportToken.opened(RING, REGION, KEY_ID, made.token)


def test_the_wrapping_algorithms_are_those_of_kms() -> None:
    assert tuple(WRAPPING_ALGORITHMS) == wrapping.WRAPPING_ALGORITHMS


@pytest.mark.parametrize(("algorithm", "wrapping_key"), WAYS)
def test_material_survives_every_way_of_wrapping(algorithm: str, wrapping_key: str) -> None:
    made = parameters(algorithm, wrapping_key)
    assert len(made.token) <= 6144  # GetParametersForImport, ImportToken
    opened = token(algorithm, wrapping_key)
    assert (opened.key_id, opened.valid_to) == (KEY_ID, VALID_TO)
    for spec in ("SYMMETRIC_DEFAULT", "HMAC_512", "ECC_NIST_P256"):
        wrapped = wrap(made.public_key, algorithm, given(spec))
        assert opened.unwrapped(wrapped, spec) == material_of(spec)


@pytest.mark.parametrize("spec", KEY_SPECS)
def test_material_of_every_spec_is_what_it_was(spec: str) -> None:
    wrapped = wrap(parameters(WRAPPED).public_key, WRAPPED, given(spec))
    material = token(WRAPPED).unwrapped(wrapped, spec)
    assert material == material_of(spec)
    assert material.material_id == material_of(spec).material_id


def test_what_a_wrapping_key_cannot_carry_is_what_kms_refuses() -> None:
    """KMS API reference, GetParametersForImport: RSA keys by OAEP; P-521 by OAEP under RSA_2048."""
    refused = {
        (algorithm, wrapping_key, spec)
        for algorithm, wrapping_key in WAYS
        for spec in KEY_SPECS
        if not WRAPPING_ALGORITHMS[algorithm].carries(
            WRAPPING_KEY_SPECS[wrapping_key], KEY_SPECS[spec]
        )
    }
    direct = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
    rsa_keys = {
        (algorithm, wrapping_key, spec)
        for algorithm in direct
        for wrapping_key in WRAPPING_KEY_SPECS
        for spec in ("RSA_2048", "RSA_3072", "RSA_4096")
    }
    assert refused == rsa_keys | {(each, "RSA_2048", "ECC_NIST_P521") for each in direct}


@pytest.mark.parametrize("spec", KEY_SPECS)
def test_no_form_is_longer_than_its_spec_says(spec: str) -> None:
    assert all(len(given(spec, number)) <= KEY_SPECS[spec].import_size for number in (0, 1))


@pytest.mark.parametrize(("spec", "defect"), DEFECTS)
def test_what_is_no_material_of_the_spec(spec: str, defect: str) -> None:
    with pytest.raises(IncorrectKeyMaterial) as caught:
        imported_material(KEY_ID, spec, defects(spec)[defect])
    assert says_nothing(caught.value)


@settings(max_examples=300, deadline=None)
@drawn(st.sampled_from(sorted(KEY_SPECS)), st.binary(max_size=300))
def test_any_bytes_are_material_or_refused(spec: str, data: bytes) -> None:
    raw = not KEY_SPECS[spec].kind.asymmetric and KEY_SPECS[spec].fits(len(data))
    try:
        assert imported_material(KEY_ID, spec, data).key_spec == spec
    except IncorrectKeyMaterial:
        assert not raw
    else:
        assert raw


@pytest.mark.parametrize(("at", "bit"), [(place, 1 << place % 8) for place in range(0, 500, 3)])
def test_a_changed_pkcs8_is_refused_or_another_key(at: int, bit: int) -> None:
    """Never an error of another kind, whatever the library makes of it."""
    for spec in ("ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "ML_DSA_44", "ML_KEM_768"):
        data = bytearray(given(spec))
        data[at % len(data)] ^= bit
        with contextlib.suppress(IncorrectKeyMaterial):
            assert imported_material(KEY_ID, spec, bytes(data)).key_spec == spec


def _unwrapped(algorithm: str, wrapped: bytes) -> None:
    with pytest.raises(InvalidCiphertext) as caught:
        token(algorithm).unwrapped(wrapped, "SYMMETRIC_DEFAULT")
    assert says_nothing(caught.value)


@pytest.mark.parametrize("algorithm", WRAPPING_ALGORITHMS)
def test_what_does_not_unwrap(algorithm: str) -> None:
    made = parameters(algorithm)
    good = wrap(made.public_key, algorithm, given("SYMMETRIC_DEFAULT"))
    another = "_1" if algorithm.endswith("_256") else "_256"
    other_hash = algorithm.rpartition("_")[0] + another
    elsewhere = parameters(algorithm, number=1).public_key
    for wrong in (
        good[:-1],
        good + b"\x00",
        good[1:],
        b"\x00",
        good[:255],
        good[:256] + good[:256],
        bytes([good[0] ^ 1]) + good[1:],
        good[:-1] + bytes([good[-1] ^ 1]),
        b"\xff" * len(good),
        wrap(made.public_key, other_hash, given("SYMMETRIC_DEFAULT")),
        wrap(elsewhere, algorithm, given("SYMMETRIC_DEFAULT")),
        wrap(parameters(algorithm, "RSA_3072").public_key, algorithm, given("SYMMETRIC_DEFAULT")),
    ):
        _unwrapped(algorithm, wrong)


@pytest.mark.parametrize("size", [16, 24])
def test_the_key_between_has_256_bits(size: int) -> None:
    public = parameters(WRAPPED).public_key
    _unwrapped(WRAPPED, wrap(public, WRAPPED, given("SYMMETRIC_DEFAULT"), bytes(size)))


def test_one_way_is_not_taken_for_another() -> None:
    direct = wrap(parameters(DIRECT).public_key, DIRECT, given("SYMMETRIC_DEFAULT"))
    between = wrap(parameters(DIRECT).public_key, WRAPPED, given("SYMMETRIC_DEFAULT"))
    _unwrapped(DIRECT, between)
    _unwrapped(WRAPPED, direct)


def _refused(
    data: bytes, region: str = REGION, key_id: str = KEY_ID, ring: RootKeyRing = RING
) -> None:
    with pytest.raises(InvalidImportToken) as caught:
        ImportToken.opened(ring, region, key_id, data)
    assert says_nothing(caught.value)


def test_a_token_is_one_key_s_in_one_region() -> None:
    good = parameters(DIRECT).token
    _refused(good, region="eu-west-1")
    _refused(good, key_id="mrk-" + "9" * 32)
    _refused(good, ring=RootKeyRing([RootKey.generate(seeded(1))]))


def test_a_token_opens_after_a_newer_root_key_came() -> None:
    newer = RootKeyRing([RootKey.generate(seeded(1)), RootKey.generate(seeded())])
    ImportToken.opened(newer, REGION, KEY_ID, parameters(DIRECT).token)


def test_several_tokens_are_good_at_once_and_keep_their_own_wrapping_key() -> None:
    for number in (0, 1):
        public = parameters(DIRECT, number=number).public_key
        wrapped = wrap(public, DIRECT, given("HMAC_256"))
        assert token(DIRECT, number=number).unwrapped(wrapped, "HMAC_256") == material_of(
            "HMAC_256"
        )


@settings(max_examples=200)
@drawn(st.binary(max_size=200))
def test_other_bytes_are_no_token(data: bytes) -> None:
    _refused(data)


def test_a_token_changed_anywhere_is_refused() -> None:
    good = parameters(DIRECT).token
    for at in range(0, len(good), 7):
        _refused(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
    for end in range(0, len(good), 13):
        _refused(good[:end])


@pytest.mark.parametrize("algorithm", ["RSAES_PKCS1_V1_5", "SM2PKE", ""])
def test_algorithms_that_are_none(algorithm: str) -> None:
    with pytest.raises(KeyError):
        new_parameters(RING, REGION, KEY_ID, (algorithm, "RSA_2048"), VALID_TO, seeded())


def test_a_token_shows_no_key() -> None:
    assert repr(token(DIRECT)) == (
        f"<ImportToken key_id={KEY_ID!r} valid_to={VALID_TO} (secret redacted)>"
    )
