"""No key material leaves a node in the clear: not to disk, stream, log or error text (D3, D4).

The true materials are taken out of each region's store with its root keys, as its node does, and
looked for in every file of the cluster, in every key of each stream server, in what the processes
were started with, and in every error that a client was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

import pytest

from crypto.ciphertext import decode
from crypto.context import canonical_context
from crypto.material import KeyMaterial
from crypto.specs import Kind
from crypto.symmetric import SymmetricCipher
from tests.faults import agreement
from tests.faults.freezing import frozen
from tests.faults.leaks import Secret, leaks, private_parts
from tests.faults.life import CONTEXT, USES, Life
from tests.faults.places import (
    files,
    own_secrets,
    processes,
    stream_contents,
    true_materials,
)
from tests.faults.streams import Stream
from tests.harness.cluster import Cluster, eventually

pytestmark = pytest.mark.processes

MATERIALS = 3 * (2 * 2 + len(USES))  # in each region: two rotated keys, and one of each other kind


@pytest.fixture(scope="module")
def life(prompt_cluster: Cluster) -> Life:
    """A cluster that has seen much, faults too."""
    life = Life(prompt_cluster)
    life.live()
    cluster = prompt_cluster
    origin, reader = cluster.names[0], cluster.names[1]
    with frozen(cluster.local.regions[origin].node):
        Stream(cluster, origin).add("9999999999-0", b"invented")
        eventually(lambda: cluster.status(reader).peers[origin].refusals > 0, "it was not refused")
    cluster.kill_node(reader)
    cluster.start_node(reader)
    agreement.wait_until_level(cluster)
    return life


def test_no_secret_is_found_in_files_streams_processes_or_errors(life: Life) -> None:
    cluster = life.cluster
    materials = {region: true_materials(cluster, region) for region in cluster.names}
    assert_true(life, [each for held in materials.values() for each in held])
    secrets = [*life.secrets, *own_secrets(cluster), *as_secrets(materials.values())]
    places = {**files(cluster), **stream_contents(cluster), **processes(cluster)}
    places |= {f"error {number}": text for number, text in enumerate(life.errors)}
    names = {secret.name for secret in secrets}
    assert {"a data key", "the administrator's secret", "root.key: secret"} <= names
    assert sum(name.startswith("material") for name in names) >= MATERIALS
    assert leaks(secrets, places) == []
    trails = [data for name, data in places.items() if "/audit/" in name]
    assert len(trails) >= len(cluster.names), "the audit trails were not searched"
    assert all(b'"eventName":"Decrypt"' in data for data in trails if b'"record"' in data)

    homes = [secret for secret in secrets if secret.home]
    away = [Secret(secret.name, secret.value) for secret in homes]
    assert len(leaks(away, places)) >= len(homes), "what is at home was not found there"


def test_a_planted_material_is_found_where_it_lies(life: Life) -> None:
    cluster, region = life.cluster, life.cluster.names[0]
    material = true_materials(cluster, region)[0]
    planted = cluster.local.folder.region(region).root / "planted.log"
    planted.write_text(f"debug: {material.reveal().hex()}")
    with closing(cluster.stream(region)) as redis:
        redis.set("planted", b"debug: " + material.reveal())
        try:
            found = leaks(parts(material), {**files(cluster), **stream_contents(cluster)})
        finally:
            redis.delete("planted")
            planted.unlink()
    name = f"material {material.material_id}"
    assert f"{name} in {region}/planted.log, hexadecimal" in found
    assert f"{name} in {region}: key planted, raw" in found
    assert any(each.startswith(f"{name} in {region}/stream/") for each in found)


def assert_true(life: Life, materials: Sequence[KeyMaterial]) -> None:
    """The materials are the ones that the nodes use: they open what the nodes encrypted."""
    symmetric = [each for each in materials if each.spec.kind is Kind.SYMMETRIC]
    ciphers = {material.material_id: SymmetricCipher(material) for material in symmetric}
    plaintexts = {secret.value for secret in life.secrets}
    for blob in life.blobs:
        ciphertext = decode(blob)
        cipher = ciphers[ciphertext.material_id]
        assert cipher.decrypt(ciphertext, canonical_context(CONTEXT)) in plaintexts
    assert {decode(blob).material_id for blob in life.blobs} <= set(ciphers)


def as_secrets(materials: Iterable[Sequence[KeyMaterial]]) -> list[Secret]:
    """Each material once, whichever regions hold it; of an RSA key also its numbers."""
    distinct = {each.material_id: each for held in materials for each in held}
    return [secret for material in distinct.values() for secret in parts(material)]


def parts(material: KeyMaterial) -> list[Secret]:
    revealed = material.reveal()
    values = private_parts(revealed) if material.spec.kind is Kind.RSA else [revealed]
    return [Secret(f"material {material.material_id}", value) for value in values]
