"""What Hypothesis draws for the crypto package, and seeded randomness for it."""

from random import Random

from hypothesis import strategies as st

from crypto.material import KeyMaterial, Randomness

uuids = st.uuids().map(str)
multi_region_ids = st.binary(min_size=16, max_size=16).map(lambda raw: "mrk-" + raw.hex())
key_ids = uuids | multi_region_ids
secrets = st.binary(min_size=32, max_size=32)
materials = st.builds(KeyMaterial.of, key_ids, secrets)
contexts = st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=6)
plaintexts = st.binary(min_size=1, max_size=200) | st.just(b"\x00" * 4096)


def seeded(seed: int = 0) -> Randomness:
    """Randomness for tests: the same bytes for the same seed."""
    return Random(seed).randbytes


def bit_flips(blob: bytes) -> list[bytes]:
    """Every byte string that differs from `blob` in one bit."""
    number = int.from_bytes(blob, "big")
    return [(number ^ 1 << bit).to_bytes(len(blob), "big") for bit in range(8 * len(blob))]
