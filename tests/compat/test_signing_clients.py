"""securesystemslib's signer for AWS KMS, as sigstore, in-toto and TUF use it, and TUF itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.clients.places import Places
from tests.harness.cluster import Cluster
from tests.harness.plugin import Tell

pytestmark = pytest.mark.clients

SPECS = {
    "ecdsa-sha2-nistp256": "ECC_NIST_P256",
    "ecdsa-sha2-nistp384": "ECC_NIST_P384",
    **{
        f"{kind}-sha{size}": spec
        for kind in ("rsassa-pss", "rsa-pkcs1v15")
        for size, spec in ((256, "RSA_2048"), (384, "RSA_3072"), (512, "RSA_4096"))
    },
}


@pytest.fixture(scope="module")
def schemes(cluster: Cluster) -> dict[str, str]:
    """A key of the first region for each scheme."""
    kms = cluster.kms(cluster.names[0])
    made = {
        spec: kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        for spec in set(SPECS.values())
    }
    return {scheme: made[spec] for scheme, spec in SPECS.items()}


def test_signatures_and_a_tuf_repository(
    places: Places, schemes: dict[str, str], cluster: Cluster, tmp_path: Path, tell: Tell
) -> None:
    """All signatures verify, and none over anything else; a forged timestamp is refused."""
    home = cluster.names[0]
    seen = places.python("signatures.py", home, schemes=schemes, folder=str(tmp_path))
    tell(seen["version"])
    assert seen["schemes"] == {scheme: [True, False] for scheme in schemes}
    assert seen["downloaded"] is True
    assert seen["forged"] == "UnsignedMetadataError"
