"""Keys to test with, and any key that Hypothesis can think of."""

from __future__ import annotations

from hypothesis import strategies as st

from node.model.key import Key, KeyManager, KeyState
from replication.materials import Materials
from replication.position import Version
from replication.shared import SharedState

ACCOUNT = "111122223333"
HOME = "us-east-1"
ELSEWHERE = ("ap-southeast-2", "eu-west-1")
NOW = 1_790_000_000.0
MATERIAL = "ab" * 32
SINGLE = "1234abcd-12ab-34cd-56ef-1234567890ab"
RELATED = "mrk-1234abcd12ab34cd56ef1234567890ab"


def shared_state(
    primary: str = HOME, replicas: tuple[str, ...] = (), version: Version | None = None
) -> SharedState:
    """The shared state of a set of related keys."""
    return SharedState(
        account=ACCOUNT,
        key_id=RELATED,
        key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        version=version or Version(1, 1),
        primary=primary,
        replicas=replicas,
        materials=Materials.first(MATERIAL),
    )


def key(
    state: KeyState = KeyState.ENABLED,
    shared: SharedState | None = None,
    key_id: str | None = None,
    region: str = HOME,
    account: str = ACCOUNT,
) -> Key:
    """A key in `state`; a multi-Region key if it has shared state."""
    return Key(
        account=account,
        region=region,
        key_id=key_id or (SINGLE if shared is None else RELATED),
        key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        manager=KeyManager.CUSTOMER,
        created=NOW,
        description="",
        policy="{}",
        tags=(),
        state=state,
        own_materials=Materials.first(MATERIAL) if shared is None else None,
        shared=shared,
    )


primaries_with_replicas = st.lists(
    st.sampled_from(ELSEWHERE), min_size=1, max_size=2, unique=True
).map(lambda replicas: key(shared=shared_state(replicas=tuple(sorted(replicas)))))
keys_that_wait_for_nobody = st.sampled_from(
    [
        key(),
        key(shared=shared_state()),
        key(shared=shared_state(primary="eu-west-1", replicas=(HOME,))),
    ]
)
any_key = keys_that_wait_for_nobody | primaries_with_replicas
window_days = st.integers(7, 30)
moments = st.floats(NOW, NOW + 1e9)
