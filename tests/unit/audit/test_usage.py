"""How keys were used: counted, written, read in pages, and put together from several trails."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from node.audit.counting import Usage
from node.audit.usage import (
    BEFORE_ALL,
    Count,
    KeyUse,
    LastUse,
    Page,
    Which,
    all_pages,
    latest,
    summed,
)

KEYS = ("arn:key/a", "arn:key/b", "arn:key/never")
CALLS = st.lists(
    st.tuples(
        st.integers(0, 2),  # the trail
        st.sampled_from(KEYS[:2]),
        st.sampled_from(["Encrypt", "Decrypt", "DescribeKey"]),
        st.booleans(),  # served
    ),
    max_size=40,
)


def counted(usage: Usage, key: str, operation: str, moment: int, *, served: bool) -> None:
    use = LastUse(operation, float(moment), f"event {moment}", f"{moment}") if served else None
    usage.count([key], operation, "alice", use)


@given(calls=CALLS, most=st.integers(1, 5))
def test_several_trails_together_count_what_one_would(
    calls: Sequence[tuple[int, str, str, bool]], most: int
) -> None:
    one, several = Usage(), [Usage(), Usage(), Usage()]
    for moment, (trail, key, operation, served) in enumerate(calls):
        for usage in (one, several[trail]):
            counted(usage, key, operation, moment, served=served)
    found: list[Count] = []
    after: Which = BEFORE_ALL
    while True:
        pages = [Page(5.0 + n, each.page(after, most)) for n, each in enumerate(several)]
        page = all_pages(pages, most)
        assert page.since == 5.0
        found += page.counts
        if len(page.counts) < most:
            break
        after = page.counts[-1].which
    assert found == sorted(one.counts(), key=lambda count: count.which)
    for key in KEYS:
        uses = [KeyUse(5.0 + n, each.last(key)) for n, each in enumerate(several)]
        assert latest(uses) == KeyUse(5.0, one.last(key))


@given(before=CALLS, later=CALLS)
def test_what_was_taken_and_put_back_was_counted_once_and_first(
    before: Sequence[tuple[int, str, str, bool]], later: Sequence[tuple[int, str, str, bool]]
) -> None:
    one, other = Usage(), Usage()
    for moment, (_, key, operation, served) in enumerate(before):
        counted(one, key, operation, moment, served=served)
        counted(other, key, operation, moment, served=served)
    taken = other.taken()
    assert len(other) == 0
    for moment, (_, key, operation, served) in enumerate(later, start=len(before)):
        counted(one, key, operation, moment, served=served)
        counted(other, key, operation, moment, served=served)
    other.put_back(taken)
    assert one.page(BEFORE_ALL, 100) == other.page(BEFORE_ALL, 100)
    assert dict(one.last_uses()) == dict(other.last_uses())


def test_a_refused_call_and_one_that_only_reads_are_no_use_of_a_key() -> None:
    usage = Usage()
    counted(usage, KEYS[0], "Encrypt", 1, served=False)
    counted(usage, KEYS[0], "DescribeKey", 2, served=True)
    usage.count([], "Encrypt", "alice", None)
    assert usage.last(KEYS[0]) is None
    assert usage.page(BEFORE_ALL, 9) == [
        Count("", "Encrypt", "alice", 0, 1),
        Count(KEYS[0], "DescribeKey", "alice", 1, 0),
        Count(KEYS[0], "Encrypt", "alice", 0, 1),
    ]


def test_a_sum_is_cut_where_it_was_asked_to_be() -> None:
    parts = [[Count("a", "E", "p", 1, 0), Count("b", "E", "p", 2, 1)], [Count("b", "E", "p", 3, 1)]]
    assert summed(parts, 1) == [Count("a", "E", "p", 1, 0)]
    assert summed(parts, 9) == [Count("a", "E", "p", 1, 0), Count("b", "E", "p", 5, 2)]
