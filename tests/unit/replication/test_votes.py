"""Who votes for whom, and what a majority is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.identity import PublicIdentity
from replication.asks import OPEN_SECONDS, Answer, Ask, Vote, majority_of
from replication.effects import CastVote, KeepAnswer, KeepVote, Skip
from replication.errors import Malformed
from replication.payloads import (
    Payload,
    PromotionAsked,
    PromotionRefused,
    PromotionVoted,
    VoteReturned,
    WhyNot,
)
from replication.position import Position
from replication.shared import SharedState
from replication.votes import (
    Voter,
    decide_answer,
    decide_ask,
    decide_returned,
    epoch_to_ask,
    epoch_to_take,
    needs_proof,
    proven,
    regions_asked,
)
from tests.unit.replication.parts import (
    AP,
    EU,
    KEY_ID,
    LOG_ID,
    NOW,
    OTHER_KEY_ID,
    SA,
    US,
    identity,
    shared,
    signed,
)

KNOWN = shared(US, AP, EU)
REGIONS = (AP, EU, US)
IDENTITIES = {each: identity(each).public for each in (US, EU, AP, SA)}


def asked(epoch: int = 2, base: SharedState = KNOWN) -> PromotionAsked:
    return PromotionAsked(base, epoch, tuple(sorted(base.regions)))


def vote(candidate: str = EU, epoch: int = 2, regions: tuple[str, ...] = REGIONS) -> PromotionVoted:
    return PromotionVoted(KEY_ID, epoch, candidate, regions)


def refusal(why: WhyNot, epoch: int = 0, region: str = "", asked_for: int = 2) -> CastVote:
    return CastVote(PromotionRefused(KEY_ID, asked_for, EU, why, epoch, region))


def data(payload: Payload, origin: str) -> bytes:
    return signed(payload, origin)[0].data


def elected(*entries: bytes, primary: str = EU) -> SharedState:
    others = sorted({*REGIONS} - {primary})
    return replace(shared(primary, *others, epoch=2), votes=entries)


# To vote, or not


def test_a_region_votes_for_one_that_knows_as_much() -> None:
    assert decide_ask(Voter(AP, KNOWN), EU, asked()) == CastVote(vote())


def test_a_region_votes_for_one_that_knows_more() -> None:
    newer = replace(KNOWN, version=KNOWN.version.next_revision())
    assert decide_ask(Voter(AP, KNOWN), EU, asked(base=newer)) == CastVote(vote())


def test_the_same_vote_is_given_again() -> None:
    mine = Voter(AP, KNOWN, Vote(KEY_ID, 2, EU))
    assert decide_ask(mine, EU, asked()) == CastVote(vote())


@pytest.mark.parametrize("epoch", [2, 3])
def test_no_other_vote_is_given_at_that_epoch_or_below(epoch: int) -> None:
    mine = Voter(AP, KNOWN, Vote(KEY_ID, epoch, US))
    assert decide_ask(mine, EU, asked()) == refusal(WhyNot.VOTED, epoch, US)


def test_an_older_ask_of_the_same_candidate_is_refused_too() -> None:
    mine = Voter(AP, KNOWN, Vote(KEY_ID, 3, EU))
    assert decide_ask(mine, EU, asked()) == refusal(WhyNot.VOTED, 3, EU)


def test_a_vote_at_a_later_epoch_is_free() -> None:
    mine = Voter(AP, KNOWN, Vote(KEY_ID, 2, US))
    assert decide_ask(mine, EU, asked(epoch=3)) == CastVote(vote(epoch=3))


def test_an_epoch_that_has_begun_is_refused() -> None:
    led = KNOWN.with_primary(AP)
    assert decide_ask(Voter(AP, led), EU, asked()) == refusal(WhyNot.EPOCH, 2, AP)


def test_who_knows_more_does_not_vote_for_who_knows_less() -> None:
    newer = replace(KNOWN, version=KNOWN.version.next_revision())
    assert decide_ask(Voter(AP, newer), EU, asked()) == refusal(WhyNot.AHEAD, 1, US)


def test_a_later_epoch_is_more_than_any_revision() -> None:
    led = KNOWN.with_primary(AP)
    late = replace(KNOWN, version=replace(KNOWN.version, revision=900))
    answer = decide_ask(Voter(AP, led), EU, asked(epoch=3, base=late))
    assert answer == refusal(WhyNot.AHEAD, 2, AP, asked_for=3)


def test_who_waits_for_a_state_does_not_vote() -> None:
    mine = Voter(AP, KNOWN, behind=SA)
    assert decide_ask(mine, EU, asked()) == refusal(WhyNot.BEHIND, 0, SA)


def test_who_holds_no_key_does_not_vote() -> None:
    assert decide_ask(Voter(AP, None), EU, asked()) == refusal(WhyNot.UNHELD)


def test_a_stranger_is_not_voted_for() -> None:
    lone = shared(US, AP)
    assert decide_ask(Voter(AP, lone), EU, asked()) == refusal(WhyNot.STRANGER)


def test_who_is_not_asked_says_nothing() -> None:
    assert isinstance(decide_ask(Voter(SA, KNOWN), EU, asked()), Skip)


@pytest.mark.parametrize(
    "payload",
    [
        asked(epoch=1),
        PromotionAsked(KNOWN, 2, (AP, US)),
        PromotionAsked(KNOWN, 2, (AP, EU, SA)),
        asked(base=replace(KNOWN, key_spec="RSA_2048")),
    ],
    ids=["an epoch that has begun", "not itself", "a region of no key", "another key"],
)
def test_an_ask_that_contradicts_itself_is_refused_as_an_entry(payload: PromotionAsked) -> None:
    with pytest.raises(Malformed):
        decide_ask(Voter(AP, KNOWN), EU, payload)


def test_regions_that_deleted_their_key_are_not_asked() -> None:
    assert regions_asked(KNOWN, {AP: Position(LOG_ID, 3)}) == (EU, US)


# Counting


def test_majorities() -> None:
    assert [majority_of(("",) * number) for number in range(2, 8)] == [2, 2, 3, 3, 4, 4]


def ask_of(*answers: Answer) -> Ask:
    ask = Ask(KNOWN, 2, REGIONS, NOW)
    for each in answers:
        ask = ask.with_answer(each)
    return ask


NO = PromotionRefused(KEY_ID, 2, EU, WhyNot.VOTED, 4, US)


def test_a_majority_wins_and_too_many_refusals_lose() -> None:
    one, two = Answer(EU, b"vote"), Answer(AP, b"vote")
    assert [ask_of(one).won, ask_of(one, two).won] == [False, True]
    refused = [Answer(each, refusal=NO) for each in (AP, US)]
    assert [ask_of(*refused[:1]).lost, ask_of(*refused).lost] == [False, True]
    assert ask_of(one).unanswered == (AP, US)


def test_a_vote_is_not_taken_back_and_a_refusal_may_be() -> None:
    no, yes = Answer(AP, refusal=NO), Answer(AP, b"vote")
    assert ask_of(yes, no).voters == (AP,)
    assert ask_of(no, yes).voters == (AP,)


def test_answers_to_something_else_do_not_count() -> None:
    ask = ask_of()
    said = vote()
    kept = decide_answer(EU, ask, AP, said, b"entry")
    assert kept == KeepAnswer(ask.with_answer(Answer(AP, b"entry")))
    for other in (
        decide_answer(AP, ask, US, said, b"entry"),
        decide_answer(EU, None, AP, said, b"entry"),
        decide_answer(EU, replace(ask, withdrawn=True), AP, said, b"entry"),
        decide_answer(EU, ask, AP, vote(epoch=3), b"entry"),
        decide_answer(EU, ask, SA, said, b"entry"),
        decide_answer(EU, ask, AP, vote(regions=(AP, EU)), b"entry"),
    ):
        assert isinstance(other, Skip)


def test_an_ask_stands_for_a_while_and_for_one_set() -> None:
    ask = ask_of()
    assert ask.stands(KNOWN, REGIONS, NOW)
    assert ask.stands(replace(KNOWN, version=KNOWN.version.next_revision()), REGIONS, NOW)
    assert not ask.stands(KNOWN, REGIONS, NOW + OPEN_SECONDS)
    assert not ask.stands(KNOWN, REGIONS, NOW - 1)  # the clock was set back
    assert not ask.stands(KNOWN, (EU, US), NOW)
    assert not ask.stands(KNOWN.with_primary(AP), REGIONS, NOW)
    assert not replace(ask, withdrawn=True).stands(KNOWN, REGIONS, NOW)


def test_the_next_ask_is_above_all_that_was_named() -> None:
    assert epoch_to_ask(KNOWN, None, None) == 2
    assert epoch_to_ask(KNOWN, Vote(KEY_ID, 2, EU), None) == 3
    assert epoch_to_ask(KNOWN, Vote(KEY_ID, 2, EU), ask_of(Answer(AP, refusal=NO))) == 5


def test_who_asks_nobody_goes_behind_its_vote_for_another() -> None:
    assert epoch_to_take(EU, KNOWN, None) == 2
    assert epoch_to_take(EU, KNOWN, Vote(KEY_ID, 2, EU)) == 2
    assert epoch_to_take(EU, KNOWN, Vote(KEY_ID, 2, AP)) == 3
    assert epoch_to_take(EU, KNOWN, Vote(KEY_ID, 1, AP)) == 2


def test_a_vote_that_was_forgotten_is_kept_again() -> None:
    told = VoteReturned(KEY_ID, AP, 2)
    again = KeepVote(Vote(KEY_ID, 2, EU))
    assert decide_returned(AP, None, EU, told) == again
    assert decide_returned(AP, Vote(KEY_ID, 1, US), EU, told) == again
    assert isinstance(decide_returned(AP, Vote(KEY_ID, 2, EU), EU, told), Skip)
    assert isinstance(decide_returned(AP, Vote(KEY_ID, 3, US), EU, told), Skip)
    assert isinstance(decide_returned(US, None, EU, told), Skip)


# Proof


def test_the_votes_of_a_majority_are_proof() -> None:
    state = elected(data(vote(), AP), data(vote(), EU))
    assert proven(state, IDENTITIES)


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (data(vote(), AP),),
        (data(vote(), AP), data(vote(), AP)),
        (data(vote(), AP), data(vote(), SA)),
        (data(vote(), AP), data(vote(candidate=US), EU)),
        (data(vote(), AP), data(vote(epoch=3), EU)),
        (data(vote(), AP), data(replace(vote(), key_id=OTHER_KEY_ID), EU)),
        (data(vote(), AP), data(vote(regions=(AP, EU)), EU)),
        (data(vote(), AP), data(NO, EU)),
        (data(vote(), AP), data(vote(), EU)[:-1] + b"\x00"),
        (data(vote(), AP), b""),
        (data(vote(), AP), b"\xc1"),
    ],
    ids=[
        "none",
        "one of three",
        "one of three, twice",
        "of a region that is not asked",
        "for another region",
        "at another epoch",
        "for another key",
        "among other regions",
        "a refusal",
        "a signature that is wrong",
        "nothing",
        "no entry",
    ],
)
def test_nothing_else_is(entries: tuple[bytes, ...]) -> None:
    assert not proven(elected(*entries), IDENTITIES)


def test_votes_of_a_region_that_is_not_of_this_cluster_are_no_proof() -> None:
    state = elected(data(vote(), AP), data(vote(), EU))
    few: dict[str, PublicIdentity] = {EU: IDENTITIES[EU]}
    assert not proven(state, few)


def test_votes_are_verified_where_they_decide() -> None:
    told = elected(data(vote(), AP), data(vote(), EU))
    assert needs_proof(KNOWN.with_primary(AP), told)
    assert not needs_proof(KNOWN, told)
    assert not needs_proof(None, told)
    assert not needs_proof(KNOWN.with_primary(EU), told)
    assert not needs_proof(KNOWN.with_primary(AP), KNOWN.with_primary(EU))


# Properties

_EPOCHS = st.integers(2, 5)
_REGIONS = st.sampled_from(REGIONS)


@given(st.lists(st.tuples(_REGIONS, _REGIONS, _EPOCHS), max_size=40))
def test_no_two_candidates_have_a_majority_at_one_epoch(asks: list[tuple[str, str, int]]) -> None:
    """Whoever asks whom in whatever order, each with its votes kept."""
    kept: dict[str, Vote] = {}
    voters: dict[tuple[int, str], set[str]] = {}
    for region, candidate, epoch in asks:
        effect = decide_ask(Voter(region, KNOWN, kept.get(region)), candidate, asked(epoch))
        assert isinstance(effect, CastVote)
        if isinstance(effect.answer, PromotionVoted):
            kept[region] = Vote(KEY_ID, epoch, candidate)
            voters.setdefault((epoch, candidate), set()).add(region)
    winners = [place for place, who in voters.items() if len(who) >= majority_of(REGIONS)]
    assert len({epoch for epoch, _ in winners}) == len(winners)


_STATES = st.builds(
    lambda primary, epoch, revision, votes: replace(
        shared(primary, *sorted({*REGIONS} - {primary}), epoch=epoch, revision=revision),
        votes=(b"a vote",) if votes else (),
    ),
    _REGIONS,
    st.integers(1, 3),
    st.integers(1, 2),
    st.booleans(),
)


@given(_STATES, _STATES)
def test_of_two_versions_one_wins_at_the_most(left: SharedState, right: SharedState) -> None:
    assert not (left.supersedes(right) and right.supersedes(left))


@given(st.lists(_STATES, min_size=1, max_size=6))
def test_whatever_the_order_one_primary_is_left(states: list[SharedState]) -> None:
    """One region leads an epoch by majority or not, never both: so every order ends alike."""
    led: dict[tuple[int, str], SharedState] = {}
    for each in states:
        led.setdefault((each.version.epoch, each.primary), each)
    states = [replace(each, votes=led[each.version.epoch, each.primary].votes) for each in states]
    ends = set()
    for order in (states, states[::-1], sorted(states, key=repr)):
        known = order[0]
        for told in order[1:]:
            known = told if told.supersedes(known) else known
        ends.add((known.primary, known.version, known.votes))
    assert len(ends) == 1
