"""What simulations have found, told as short stories: each fixed bug keeps one."""

from __future__ import annotations

from dataclasses import replace

from replication.position import CursorState
from tests.simulation.memory_store import State
from tests.simulation.stage import AP, EU, KEY_ID, SA, US, Stage
from tests.simulation.stepping import finished

ASKED_AGAIN = 25  # seconds: patience, a second search, and the answer


def _settled(*names: str, retention: int = 1000) -> Stage:
    stage = Stage(*names, retention=retention)
    stage.run(3)
    return stage


def test_one_region_asks_for_a_resync_and_the_others_read_on() -> None:
    """Seed 4 of the first simulator: the answer made every other region refuse, and ask too."""
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.replicate(US, AP)
    stage.run(2)
    stage.restore(AP, State())
    lengths = []
    for _ in range(3):
        stage.run(10)
        assert stage.problems() == []
        lengths.append([stage.state(name).head.sequence for name in (US, EU, AP)])  # type: ignore[union-attr]
    assert lengths[1] == lengths[2]
    assert stage.replicas(AP) == (AP, EU)


def test_a_primary_restored_from_before_a_replication_learns_of_it() -> None:
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(2)
    old = stage.state(US)
    stage.replicate(US, AP)
    stage.run(2)
    stage.restore(US, old)
    stage.run(ASKED_AGAIN)
    assert stage.problems() == []
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, EU)] * 3


def test_a_restored_region_is_noticed_though_nothing_is_written() -> None:
    """Seed 24: the restored log ended where its readers stood, with another entry. Everyone had
    caught up, as it seemed, and the restored region lacked what it had acknowledged before.
    """
    stage = _settled(US, EU)
    stage.create(US)
    old = stage.state(EU)
    stage.replicate(US, EU)
    stage.run(5)
    stage.restore(EU, old)
    stage.run(ASKED_AGAIN)
    assert stage.replicas(EU) == (EU,)
    assert stage.problems() == []


def test_a_request_that_the_origin_lost_with_its_store_is_made_again() -> None:
    """Seed 37: the origin had acknowledged the request, so it was trimmed; then it lost its store.
    The asker waited for ever, and never read that region's log again.
    """
    stage = _settled(US, EU)
    stage.restore(EU, State())
    stage.run(2, EU)  # asks, and publishes the request
    stage.run(10, US)  # hears it
    assert stage.state(US).resyncs[EU].request == stage.state(EU).cursors[US].request
    stage.state(EU).outbox.clear()
    stage.streams[EU].lose()
    stage.restore(US, State())
    stage.run(ASKED_AGAIN)
    assert stage.state(EU).cursors[US].state is CursorState.FOLLOWING
    assert stage.state(US).cursors[EU].state is CursorState.FOLLOWING


def test_an_answer_that_was_trimmed_before_it_was_read_is_asked_for_again() -> None:
    stage = _settled(US, EU, AP, retention=12)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(2)
    stage.restore(EU, State())
    stage.run(2, EU)
    stage.run(10, US, AP)  # answers
    for _ in range(30):
        stage.call(US, "EnableKeyRotation", key_id=KEY_ID)
        stage.call(US, "DisableKeyRotation", key_id=KEY_ID)
        stage.run(1, US, AP)  # lets the answer go, as it is old
    assert min(stage.state(US).outbox) > 20
    stage.run(ASKED_AGAIN)
    assert stage.state(EU).cursors[US].state is CursorState.FOLLOWING
    assert KEY_ID in stage.state(EU).keys


def test_no_request_is_repeated_to_a_dead_region() -> None:
    """A region that waits for years must not fill its own log meanwhile."""
    stage = _settled(US, EU)
    stage.regions[US].crash()
    stage.restore(EU, State())
    stage.run(100, EU)
    before = stage.state(EU).head
    stage.run(1000, EU)
    assert stage.state(EU).head == before


def test_a_deletion_that_is_repeated_does_not_undo_a_later_replication() -> None:
    """Seed 22: a deleted replica was listed by a primary that did not know yet, so its region said
    again that it was deleted; meanwhile the operator replicated the key to it anew, and lost that
    replica without a word.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    stage.delete(EU)
    stage.replicate(US, AP)  # lists eu-west-1 too: the deletion was not heard of yet
    stage.run(1, US)
    stage.run(1, EU)
    stage.run(1, US)
    assert stage.replicas(US) == (AP,)
    stage.replicate(US, EU)
    stage.run(10)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, EU)] * 3


def test_an_answer_to_one_region_does_not_repeat_a_deletion_to_the_others() -> None:
    """Seed 59: ap-southeast-2 lost its store and asked eu-west-1, which said again what it had
    deleted; the primary took that for news, and removed the replica that it had just offered.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    stage.delete(EU)
    stage.run(3, EU, US)
    stage.restore(AP, State())
    stage.run(2, AP)
    stage.replicate(US, EU)
    stage.run(10, AP, EU)
    stage.run(10)
    assert [stage.replicas(name) for name in (US, EU)] == [(EU,)] * 2


def test_an_offer_by_a_region_that_missed_a_deletion_does_not_bring_the_key_back() -> None:
    """The primary cannot read on in eu-west-1's log, but hears its resync request there; its answer
    claimed to know everything before the request, and so the deletion that it had missed.
    """
    stage = _settled(US, EU)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    gone = dict(stage.streams[EU].entries)
    stage.delete(EU)
    finished(stage.regions[EU].subscribers[US].request_resync())
    finished(stage.regions[US].subscribers[EU].request_resync())
    stage.run(1, EU)
    del stage.streams[EU].entries[max(gone)[0] + 1, 0]  # the deletion, on its way
    stage.regions[US].advance(f"subscriber of {EU}", 1000)
    stage.run(10, US)
    stage.run(20)
    assert stage.replicas(EU) is None
    assert stage.replicas(US) == ()


def test_a_restored_region_that_writes_on_begins_a_new_log() -> None:
    """Seed 85: its log had two ends. A reader that had acknowledged the old one seemed to have
    applied what it never saw of the new one.
    """
    stage = _settled(US, EU)
    stage.create(US)
    stage.run(3)
    old = stage.state(US)
    stage.replicate(US, EU)
    stage.run(3)
    for region in (US, EU):  # nothing is left that would show the restored region where it was
        stage.state(region).outbox.clear()
        stage.streams[region].lose()
    stage.restore(US, old)
    for number in range(5):
        stage.create(US, f"mrk-{number:032x}")
        stage.replicate(US, EU, f"mrk-{number:032x}")
    stage.run(ASKED_AGAIN)
    assert stage.state(US).head.log_id != old.head.log_id  # type: ignore[union-attr]
    assert [stage.replicas(name) for name in (US, EU)] == [(EU,)] * 2
    assert stage.problems() == []


def test_a_restored_primary_and_its_replicas_agree_on_one_of_two_states_of_one_version() -> None:
    """Seed 252: the primary was restored from before it replicated to ap-southeast-2, and made the
    same version number again with another replica; neither region took over the other's state.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    old = stage.state(US)
    stage.replicate(US, AP)
    stage.run(3)
    stage.restore(US, old)
    stage.create(US, f"mrk-{7:032x}")
    stage.delete(EU)
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP,), None, (AP,)]
    assert stage.problems() == []


def test_a_replica_that_was_lost_with_the_primary_is_not_listed_for_ever() -> None:
    """Seed 252 too: eu-west-1 knew that ap-southeast-2 was to have a replica, whose offer went down
    with the primary's store.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    stage.replicate(US, AP)
    stage.run(3, US, EU)
    stage.streams[US].lose()
    stage.restore(US, State())
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(EU,), (EU,), None]
    stage.replicate(US, AP)
    stage.run(3)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, EU)] * 3


def test_a_replica_does_not_bring_back_what_the_primary_has_not_heard_was_deleted() -> None:
    """Seed 642: eu-west-1 had read of the deletion, as every region does, and still listed the
    replica, as only the primary removes it; its answer to a resync offered the key again.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.replicate(US, AP)
    stage.run(3)
    stage.regions[US].crash()
    stage.delete(AP)
    stage.run(3, AP, EU)
    finished(stage.regions[AP].subscribers[EU].request_resync())
    stage.run(3, AP, EU)
    assert stage.replicas(AP) is None
    stage.regions[US].start()
    stage.run(5)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(EU,), (EU,), None]


def test_a_replica_that_another_replica_restored_is_told_to_the_primary() -> None:
    """Seed 855: the primary and eu-west-1 had both lost their stores. The primary asked eu-west-1
    before that got its key back from ap-southeast-2, and never learned of it.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.replicate(US, AP)
    stage.run(3)
    stage.restore(US, State())
    stage.regions[AP].crash()
    stage.restore(EU, State())
    stage.run(ASKED_AGAIN, US, EU)  # neither has anything to tell
    stage.regions[AP].start()
    stage.run(ASKED_AGAIN, EU, AP)  # eu-west-1 holds the key again
    assert stage.replicas(EU) == (AP, EU)
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, EU)] * 3


def test_a_region_that_forgot_that_it_began_a_new_log_begins_another() -> None:
    """Seed 998: it was restored from before its store had once gone back already. Its peers spoke
    of a log that it did not know, which it took for one that it had given up.
    """
    stage = _settled(US, EU)
    first = stage.state(US)
    stage.run(3)
    stage.create(US)
    stage.restore(US, State())
    stage.run(ASKED_AGAIN)
    second = stage.state(US).head
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    stage.restore(US, first)
    stage.run(ASKED_AGAIN)
    logs = [each.log_id for each in (first.head, second, stage.state(US).head) if each is not None]
    assert sorted(set(logs)) == logs
    assert [stage.replicas(name) for name in (US, EU)] == [(EU,)] * 2
    assert stage.problems() == []


def test_an_acknowledgement_that_a_resync_passes_over_is_made_again() -> None:
    """Seed 178: the primary asked a replica for its state, and its cursor jumped over the entry
    that said that the replica had the new material; it waited for that for ever.
    """
    stage = _settled(US, EU)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    stage.call(US, "RotateKeyOnDemand", key_id=KEY_ID)
    finished(stage.regions[US].subscribers[EU].request_resync())
    stage.run(1, US)  # asks, and does not read what eu-west-1 answers to the offer
    stage.run(10)
    assert stage.state(US).waits == {}
    current = [stage.state(name).keys[KEY_ID].key.current_material for name in (US, EU)]
    assert current[0] == current[1] != stage.state(US).keys[KEY_ID].materials[0].material_id


def test_a_deletion_is_not_forgotten_when_a_region_takes_the_lead_before_it_is_heard() -> None:
    """Seed 141: eu-west-1 had read of the deletion as a replica, took over from a primary that had
    not, and listed the deleted replica for ever: every rotation waited for it.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.replicate(US, AP)
    stage.run(3)
    stage.regions[US].crash()
    stage.delete(AP)
    stage.run(3, AP, EU)
    stage.call(EU, "Keyspan.Promote", from_region=US)
    stage.regions[US].start()
    stage.run(5)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(US,), (US,), None]


def test_a_disabled_replica_is_not_made_the_primary() -> None:
    stage = _settled(US, EU)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    stage.call(EU, "DisableKey", key_id=KEY_ID)
    stage.call(US, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=EU)
    stage.run(5)
    for name in (US, EU):
        shared = stage.state(name).keys[KEY_ID].shared
        assert shared is not None
        assert (shared.primary, shared.version.epoch) == (US, 3)
    assert stage.state(US).keys[KEY_ID].key.state == "Enabled"
    assert stage.state(EU).keys[KEY_ID].key.state == "Disabled"


def test_material_that_a_restored_primary_learns_of_is_sent_to_the_replicas_made_since() -> None:
    """ap-southeast-2 got its replica from a primary that had gone back to before a rotation."""
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    old = stage.state(US)
    stage.call(US, "RotateKeyOnDemand", key_id=KEY_ID)
    stage.run(3)
    stage.restore(US, old)
    stage.replicate(US, AP)
    stage.run(2, US, AP)
    stage.run(ASKED_AGAIN)
    held = [stage.state(name).keys[KEY_ID].held for name in (US, EU, AP)]
    assert len(held[0]) == 2
    assert held[0] == held[1] == held[2]


def test_a_replica_is_made_though_the_next_primary_is_heard_before_the_offer() -> None:
    """Seed 3431: ap-southeast-2 read of itself in the log of the new primary, took what it lacked
    for deleted, said so, and declined the offer when it came to it.
    """
    stage = _settled(US, EU, AP)
    stage.create(EU)
    stage.replicate(EU, US)
    stage.run(3)
    stage.replicate(EU, AP)
    stage.call(EU, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=US)
    stage.run(3, EU, US)
    stage.call(US, "RotateKeyOnDemand", key_id=KEY_ID)
    stage.run(1, US)
    stage.regions[AP].advance(f"subscriber of {US}", 1000)
    stage.run(10)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, EU)] * 3
    assert len({stage.state(name).keys[KEY_ID].held for name in (US, EU, AP)}) == 1
    assert stage.problems() == []


def test_a_key_whose_replicas_are_known_to_be_gone_is_deleted_on_its_day() -> None:
    """Seed 839: the lead was handed back to eu-west-1, and its window began anew, for a replica in
    us-east-1 of which it had read that it was deleted.
    """
    stage = _settled(US, EU, AP)
    stage.create(EU)
    stage.replicate(EU, US)
    stage.replicate(EU, AP)
    stage.run(3)
    stage.call(EU, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=AP)
    stage.run(5)
    stage.call(EU, "ScheduleKeyDeletion", key_id=KEY_ID, pending_window_in_days=7)
    due = stage.state(EU).keys[KEY_ID].key.deletion_date
    stage.delete(US)
    stage.run(3, US, EU)
    stage.delete(AP)
    finished(stage.regions[EU].subscribers[AP].request_resync())  # passes over the deletion
    finished(stage.regions[AP].subscribers[EU].request_resync())
    stage.run(10, AP, EU)
    key = stage.state(EU).keys[KEY_ID].key
    assert key.is_primary
    assert (key.state, key.deletion_date) == ("PendingDeletion", due)


def test_a_replica_that_a_deposed_primary_began_in_a_region_that_had_deleted_one_is_made() -> None:
    """Seed 2311: the new primary heard of it and listed it; us-east-1 had not read the offer yet,
    took the list for ignorance of its deletion, and declined the offer when it came to it.
    """
    stage = _settled(US, EU, AP)
    stage.create(AP)
    stage.replicate(AP, US)
    stage.replicate(AP, EU)
    stage.run(3)
    stage.delete(US)
    stage.run(3)
    stage.call(EU, "Keyspan.Promote", from_region=AP)
    stage.replicate(AP, US)
    stage.regions[AP].advance("publisher", 1000)
    stage.run(2, EU)
    stage.regions[US].advance(f"subscriber of {EU}", 1000)
    stage.run(10)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, US)] * 3
    assert stage.problems() == []


def test_a_deletion_outlives_the_late_offer_of_a_deposed_primary() -> None:
    """The new primary has heard of the deletion, and of the offer only afterwards."""
    stage = _settled(US, EU, AP)
    stage.create(AP)
    stage.replicate(AP, EU)
    stage.run(3)
    stage.replicate(AP, US)
    stage.regions[AP].advance("publisher", 1000)
    stage.run(2, US)
    stage.delete(US)
    stage.run(1, US)
    stage.call(EU, "Keyspan.Promote", from_region=AP)
    stage.regions[EU].advance(f"subscriber of {US}", 1000)
    stage.run(10)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [None, (AP,), (AP,)]
    assert stage.problems() == []


def test_an_answer_that_is_longer_than_the_retention_is_read_to_its_end() -> None:
    """Its reader acknowledges nothing before the end; so it was trimmed under it, asked for again,
    and trimmed again, for ever. A region may hold more keys than its log keeps entries.
    """
    stage = _settled(US, EU, AP, retention=4)
    key_ids = [f"mrk-{number:032x}" for number in range(12)]
    for key_id in key_ids:
        stage.create(US, key_id)
        stage.replicate(US, EU, key_id)
        stage.run(1)
    stage.restore(EU, State())
    stage.run(ASKED_AGAIN, US, AP)
    for _ in range(ASKED_AGAIN):  # a reader that is always behind the writer
        stage.run(1, US)
        stage.regions[EU].advance("publisher", 1000)
        stage.regions[EU].advance(f"subscriber of {US}", 1000)
    stage.run(ASKED_AGAIN)
    assert sorted(stage.state(EU).keys) == key_ids
    assert stage.problems() == []


def test_a_replica_that_is_not_listed_learns_of_it_by_the_answer_that_it_asked_for() -> None:
    """Seed 6782: the primary had made a version that did not list us-east-1, which passed over it,
    as it waited for an answer; and the answer did not speak of a key that it was not to hold.
    """
    stage = _settled(US, EU, AP)
    stage.create(AP)
    stage.replicate(AP, EU)
    stage.replicate(AP, US)
    stage.run(3)
    held = stage.state(AP).keys[KEY_ID]
    assert held.shared is not None
    unlisted = replace(held.key, shared=held.shared.without_replica(US))
    stage.state(AP).keys[KEY_ID] = replace(held, key=unlisted)
    finished(stage.regions[US].subscribers[AP].request_resync())
    stage.run(10)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(EU, US)] * 3
    assert stage.problems() == []


def test_a_replica_that_the_last_primary_began_is_made_though_the_next_never_read_of_it() -> None:
    """Seed 4065: eu-west-1 was handed the lead with its key still on the way, and got that by an
    answer; it listed only the replica that told it, and the one in ap-southeast-2, whose offer
    nobody had read yet, was never made. No store had been lost.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, AP)
    stage.replicate(US, EU)
    stage.call(US, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=EU)
    for name in (EU, AP):  # both pass over the offers
        finished(stage.regions[name].subscribers[US].request_resync())
    stage.run(4, US, EU)
    stage.run(10)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, US)] * 3
    assert stage.problems() == []


def test_what_a_primary_recovers_it_tells_the_replicas_that_never_heard_it() -> None:
    """Seed 7672: us-east-1 had not heard of the last version when the primary lost its store, which
    then had it from eu-west-1, and kept it to itself.
    """
    stage = _settled(US, EU, AP)
    stage.create(AP)
    stage.replicate(AP, US)
    stage.run(3)
    stage.replicate(AP, EU)
    stage.regions[AP].advance("publisher", 1000)
    stage.run(2, EU)
    stage.streams[AP].lose()
    stage.restore(AP, State())
    stage.run(ASKED_AGAIN, AP, US)
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(EU, US)] * 3
    assert stage.problems() == []


def test_a_replica_made_by_a_primary_that_had_not_heard_of_a_material_is_sent_it_later() -> None:
    """Seed 8098: us-east-1 had rotated before it was deposed, unheard of. The checker wanted the
    material in eu-west-1 before the new primary could know of it.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, AP)
    stage.run(3)
    stage.call(US, "Keyspan.EvictRegion", region=AP)
    stage.call(US, "RotateKeyOnDemand", key_id=KEY_ID)
    stage.run(2, US)
    stage.call(AP, "Keyspan.Promote", from_region=US)
    stage.replicate(AP, EU)
    stage.regions[AP].advance("publisher", 1000)
    stage.run(1, EU)
    assert len(stage.state(EU).keys[KEY_ID].held) == 1
    stage.run(10)
    assert [len(stage.state(name).keys[KEY_ID].held) for name in (US, EU, AP)] == [2, 2, 2]
    assert stage.problems() == []


def test_who_learns_that_it_leads_no_longer_tells_those_who_listen_to_it() -> None:
    """Seed 8447: us-east-1 had handed over to ap-southeast-2, lost its store, and led again by what
    eu-west-1 told it, who had not heard of that. Then it learned of it, and eu-west-1 did not.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.replicate(US, AP)
    stage.run(3)
    stage.call(US, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=AP)
    stage.regions[US].advance("publisher", 1000)
    stage.run(1, AP)
    stage.streams[US].lose()
    stage.restore(US, State())
    stage.run(ASKED_AGAIN, US, EU)
    assert stage.replicas(US) == (EU,)
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(EU, US)] * 3
    assert stage.problems() == []


def test_a_replica_that_came_back_with_a_store_leads_when_its_primary_is_gone() -> None:
    """Seed 9167: everyone had deleted the key; one region got it back with a backup."""
    stage = _settled(US, EU)
    stage.create(EU)
    stage.replicate(EU, US)
    stage.run(3)
    backup = stage.state(US)
    stage.delete(US)
    stage.run(3)
    stage.delete(EU)
    stage.run(3)
    stage.restore(US, backup)
    finished(stage.regions[US].subscribers[EU].request_resync())
    stage.run(ASKED_AGAIN)
    assert stage.replicas(US) == ()
    assert stage.replicas(EU) is None
    assert stage.problems() == []


def test_a_primary_of_an_imported_key_that_lost_its_store_takes_every_replica_back() -> None:
    """A replica of such a key has no material by which it could claim its place."""
    stage = _settled(US, EU, AP)
    stage.create_external(US)
    stage.import_material(US)
    stage.replicate(US, EU)
    stage.replicate(US, AP)
    stage.run(3)
    stage.streams[US].lose()
    stage.restore(US, State())
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP, EU)] * 3
    assert stage.problems() == []


def test_a_region_that_gets_the_lead_back_tells_who_passed_over_the_refusal() -> None:
    """Seed 2545: ap-southeast-2 held no key yet when it read that us-east-1 declined the lead, and
    got its key by an answer that eu-west-1 gave before it had read that. Nobody said so again.
    """
    stage = _settled(US, EU, AP)
    stage.create(EU)
    stage.replicate(EU, US)
    stage.run(3)
    stage.call(US, "DisableKey", key_id=KEY_ID)
    stage.replicate(EU, AP)
    stage.call(EU, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=US)
    finished(stage.regions[AP].subscribers[EU].request_resync())  # passes over the offer
    for name, slot in (
        (EU, "publisher"),
        (US, f"subscriber of {EU}"),  # declines
        (US, "publisher"),
        (AP, f"subscriber of {US}"),
        (AP, "publisher"),
        (EU, f"subscriber of {AP}"),
        (EU, "sender"),
    ):
        stage.regions[name].advance(slot, 1000)
    stage.run(10)
    keys = [stage.state(name).keys[KEY_ID] for name in (US, EU, AP)]
    assert [key.shared.primary for key in keys if key.shared is not None] == [EU] * 3
    assert stage.problems() == []


def test_a_replicas_answer_to_a_resync_does_not_bring_back_what_was_deleted() -> None:
    """Seed 3169: eu-west-1 had read that sa-east-1 deleted its key, and went on listing it, as only
    the primary removes it; so it offered the key in its answer. The new primary took that for an
    offer of the last one, and passed it on to sa-east-1, which took it for a ReplicateKey.
    """
    stage = _settled(US, EU, AP, SA)
    stage.create(AP)
    for name in (US, EU, SA):
        stage.replicate(AP, name)
    stage.run(3)
    stage.regions[AP].crash()
    stage.delete(SA)
    stage.run(3, SA, US, EU)
    stage.call(US, "Keyspan.Promote", from_region=AP)
    finished(stage.regions[SA].subscribers[EU].request_resync())
    for name, slot in (
        (SA, "publisher"),
        (EU, f"subscriber of {SA}"),
        (EU, "sender"),
        (EU, "publisher"),
        (US, f"subscriber of {EU}"),
    ):
        stage.regions[name].advance(slot, 1000)
    stage.run(10, US, EU, SA)
    assert [stage.replicas(name) for name in (US, EU, SA)] == [(AP, EU), (AP, EU), None]
    assert stage.problems() == []


def test_a_region_restored_to_between_a_deletion_and_a_replication_keeps_the_replica() -> None:
    """Its store went back to where it had deleted its key, and so it began a new log. There it
    said anew that the key was deleted, and the primary took that for news: what an operator had
    replicated since was gone.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.run(3)
    stage.delete(EU)
    stage.run(3)
    backup = stage.state(EU)
    stage.replicate(US, EU)
    stage.run(3)
    assert stage.replicas(EU) == (EU,)
    stage.create(EU, f"mrk-{7:032x}")
    stage.replicate(EU, AP, f"mrk-{7:032x}")
    stage.run(3)
    _restored_to_a_new_log(stage, backup)
    finished(stage.regions[US].subscribers[EU].request_resync())
    for name, slot in (
        (US, "publisher"),
        (EU, f"subscriber of {US}"),
        (EU, "sender"),
        (EU, "publisher"),
        (US, f"subscriber of {EU}"),
    ):
        stage.regions[name].advance(slot, 1000)
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU)] == [(EU,)] * 2
    assert stage.problems() == []


def _restored_to_a_new_log(stage: Stage, backup: State) -> None:
    """EU's store goes back, and it learns so from AP, which has read what it lost."""
    stage.restore(EU, backup)
    stage.regions[EU].advance(f"subscriber of {AP}", 1000)
    assert stage.state(EU).head.log_id != backup.head.log_id  # type: ignore[union-attr]


def test_a_deletion_that_only_a_new_log_tells_of_is_heard() -> None:
    """The primary was away when the key was deleted, and until the region began a new log."""
    stage = _settled(US, EU, AP)
    stage.create(US)
    for name in (EU, AP):
        stage.replicate(US, name)
    stage.run(3)
    stage.regions[US].crash()
    stage.delete(EU)
    backup = stage.state(EU)
    stage.run(3, EU, AP)
    stage.create(EU, f"mrk-{7:032x}")
    stage.replicate(EU, AP, f"mrk-{7:032x}")
    stage.run(3, EU, AP)
    _restored_to_a_new_log(stage, backup)
    stage.run(ASKED_AGAIN, EU, AP)
    stage.regions[US].start()
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU, AP)] == [(AP,), None, (AP,)]
    assert stage.problems() == []


def test_a_replica_of_an_imported_key_is_taken_back_by_its_own_word() -> None:
    """The primary's store went back to before its only ReplicateKey, and nobody else knew of it."""
    stage = _settled(US, EU)
    stage.create_external(US)
    stage.import_material(US)
    stage.run(3)
    backup = stage.state(US)
    stage.replicate(US, EU)
    stage.run(3)
    stage.streams[US].lose()
    stage.restore(US, backup)
    stage.run(ASKED_AGAIN)
    assert [stage.replicas(name) for name in (US, EU)] == [(EU,)] * 2
    assert stage.problems() == []


def test_what_is_told_just_behind_an_answer_is_asked_for_too() -> None:
    """Seed 3675: a primary that was back from a backup told what it had learned right behind its
    answer to ap-southeast-2, which read both at once, lacked the material, and asked for nothing.
    """
    stage = _settled(US, EU, AP)
    stage.create(US)
    stage.replicate(US, EU)
    stage.replicate(US, AP)
    stage.run(3)
    backup = stage.state(EU)
    stage.call(US, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=EU)
    stage.run(3)
    stage.call(EU, "Keyspan.EvictRegion", region=AP)
    stage.call(EU, "RotateKeyOnDemand", key_id=KEY_ID)
    stage.run(6, EU, US)
    stage.streams[EU].lose()
    stage.restore(EU, backup)
    for name in (US, AP):
        finished(stage.regions[name].subscribers[EU].request_resync())
    for name, slot in (
        (AP, "publisher"),
        (US, "publisher"),
        (EU, f"subscriber of {AP}"),
        (EU, f"subscriber of {US}"),
        (EU, "sender"),  # answers both, knowing little
        (EU, "sender"),
        (EU, "publisher"),
        (US, f"subscriber of {EU}"),
        (US, "sender"),
        (US, "publisher"),
        (EU, f"subscriber of {US}"),  # learns that it led, and tells
        (EU, "publisher"),
        (AP, f"subscriber of {EU}"),
    ):
        stage.regions[name].advance(slot, 1000)
    stage.run(ASKED_AGAIN)
    assert [len(stage.state(name).keys[KEY_ID].held) for name in (US, EU, AP)] == [2] * 3
    assert stage.problems() == []
