"""Usage that was counted in several trails, as one."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from node.audit.usage import LastUse, Usage

CALLS = st.lists(
    st.tuples(
        st.integers(0, 2),  # the trail
        st.sampled_from(["arn:key/a", "arn:key/b"]),
        st.sampled_from(["Encrypt", "Decrypt", "DescribeKey"]),
        st.booleans(),  # served
    ),
    max_size=40,
)


@given(calls=CALLS)
def test_several_trails_together_count_what_one_would(
    calls: Sequence[tuple[int, str, str, bool]],
) -> None:
    one, several = Usage(5.0), [Usage(7.0), Usage(5.0), Usage(9.0)]
    for moment, (trail, key, operation, served) in enumerate(calls):
        use = LastUse(operation, float(moment), f"event {moment}", f"{moment}") if served else None
        for usage in (one, several[trail]):
            usage.count([key], operation, "alice", use)
    first, *others = several
    together = first.with_others([Usage.read(each.summary("", 0)) for each in others])
    assert together.counts() == one.counts()
    assert together.since == one.since
    for key in ("arn:key/a", "arn:key/b", "arn:key/never"):
        assert together.last(key) == one.last(key)
        narrow = first.of_key(key).with_others(each.of_key(key) for each in others)
        assert narrow.last(key) == one.last(key)
        assert narrow.counts() == []


def test_what_is_put_together_leaves_its_parts_as_they_were() -> None:
    one, other = Usage(1.0), Usage(2.0)
    one.count(["arn:key/a"], "Encrypt", "alice", None)
    other.count(["arn:key/a"], "Encrypt", "alice", None)
    together = one.with_others([other])
    together.count(["arn:key/a"], "Encrypt", "alice", None)
    assert [each.refused for each in one.counts()] == [1]
    assert [each.refused for each in together.counts()] == [3]
