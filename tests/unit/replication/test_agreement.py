"""When a difference between two regions counts."""

from replication.comparison import Agreement

SLICE, OTHER = "mrk-0", "mrk-1"
ALIKE, ONE, ANOTHER = (b"a", b"a"), (b"a", b"b"), (b"a", b"c")


def after(*digests: tuple[bytes, bytes], prefix: str = SLICE) -> Agreement:
    agreement = Agreement()
    for number, each in enumerate(digests):
        agreement = agreement.compared(prefix, each, float(number))
    return agreement


def test_slices_that_are_alike() -> None:
    assert after(ALIKE, ALIKE) == Agreement(alike_at=1.0)


def test_a_difference_counts_when_it_is_found_twice() -> None:
    assert after(ONE).repairs == 0
    assert after(ONE, ANOTHER).repairs == 0
    assert after(ONE, ALIKE, ONE).repairs == 0
    assert (after(ONE, ONE).repairs, after(ONE, ONE).differing) == (1, {SLICE: ONE})


def test_a_difference_is_asked_about_once_and_another_one_again() -> None:
    assert after(ONE, ONE, ONE, ONE).repairs == 1
    assert after(ONE, ONE, ANOTHER, ANOTHER).repairs == 2
    assert after(ONE, ONE, ANOTHER, ANOTHER).differing == {SLICE: ANOTHER}


def test_what_was_mended_is_no_longer_shown() -> None:
    assert after(ONE, ONE, ALIKE) == Agreement(alike_at=2.0, repairs=1)
    assert after(ONE, ONE, ALIKE, ONE, ONE).repairs == 2


def test_slices_are_apart() -> None:
    both = after(ONE).compared(OTHER, ONE, 1.0)
    assert (both.repairs, dict(both.suspected)) == (0, {SLICE: ONE, OTHER: ONE})
