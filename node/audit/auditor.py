"""From what the wire heard of a call to its record in the trail.

The hot path (decision D10): two dictionaries, one encoding, one hash, and the group's share of one
fdatasync. What is the same for many calls is encoded once and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from node.audit import lines as kinds
from node.audit.catalogue import KMS_SOURCE, Event, event_of
from node.audit.counting import Usage
from node.audit.event_ids import shared_event_id
from node.audit.form import Form
from node.audit.identity import unknown_identity, user_identity
from node.audit.parameters import Parameters
from node.audit.record import (
    OMITTED,
    PARAMETERS_MOST,
    Record,
    cut,
    encoded,
    encoded_resources,
)
from node.audit.sink import Clock, Sink, Unwritable
from node.audit.times import iso_time
from node.audit.usage import LastUse
from node.model import errors
from node.model.principal import Principal
from node.wire.errors import wire_error
from node.wire.messages import Heard, Settled

KEPT_MOST: Final = 10_000
_MATERIALS: Final = {
    "key_material_id": "keyMaterialId",
    "source_key_material_id": "sourceKeyMaterialId",
    "destination_key_material_id": "destinationKeyMaterialId",
}


@dataclass(frozen=True, slots=True)
class Touched:
    """What calls were about: a record's `resources` in JSON, and the ARNs of the keys in it."""

    resources: str
    keys: tuple[str, ...]


class Auditor:
    """Records the calls of one region (node.wire.messages.Audit)."""

    def __init__(
        self, region: str, account: str, clock: Clock, event_ids: Callable[[], str]
    ) -> None:
        """`account` is the cluster's: it gets the records of callers who proved nothing."""
        self._region = region
        self._account = account
        self._sink: Sink | None = None
        self._append: Callable[[str, bytes], object] = _not_open
        self._clock = clock
        self._event_ids = event_ids
        self._parameters = Parameters()
        self._events: dict[str, Event] = {}
        self._identities: dict[str, tuple[Principal, msgspec.Raw]] = {}
        self._touched: dict[tuple[str, ...], Touched] = {}
        self._forms: dict[tuple[str | None, ...], Form] = {}
        self._material_members: dict[type, tuple[tuple[str, str], ...]] = {}
        self._second, self._time = -1, ""
        self._begun: dict[str, bytes] = {}
        self.usage = Usage()
        self.new_event_id = event_ids

    @property
    def sink(self) -> Sink:
        """The open trail. RuntimeError before `write_to`."""
        if self._sink is None:
            raise RuntimeError("the audit trail is not open")
        return self._sink

    def write_to(self, sink: Sink, usage: Usage) -> None:
        """Write to this trail from now on, and count on from this usage."""
        self._sink, self._append, self.usage = sink, sink.append, usage
        sink.carried = self._begun.values

    def add(self, body: bytes) -> None:
        """Put a record that was made elsewhere into the trail, and count it."""
        self.sink.append(kinds.RECORD, body)
        self.usage.count_record(body)

    @property
    def problem(self) -> str | None:
        """See node.wire.messages.Audit."""
        problem = self.sink.problem
        return None if problem is None else f"the audit trail cannot be written ({problem})"

    def admit(self) -> None:
        """See node.wire.messages.Audit."""
        try:
            self.sink.admit()
        except Unwritable:
            raise errors.Internal from None

    def changes(self, target: str) -> bool:
        """See node.wire.messages.Audit."""
        return not self._event(target).read_only

    async def begin(self, heard: Heard) -> None:
        """See node.wire.messages.Audit."""
        body = encoded(
            self._record(heard, self._event(heard.target), self._event_ids(), self._clock.now())
        )
        self.sink.append(kinds.BEGUN, body)
        self._begun[heard.request_id] = body
        try:
            await self.sink.commit()
        except Unwritable:
            raise errors.Internal from None

    def note(self, heard: Heard) -> None:
        """See node.wire.messages.Audit."""
        now, event_id = self._clock.now(), self._event_ids()
        event, touched = self._event(heard.target), self._touched_by(heard)
        body = None
        if heard.error is None and event.plain and touched is not None:
            body = self._by_form(heard, event, touched, event_id, now)
        if body is None:
            body = encoded(self._record(heard, event, event_id, now))
        self._append(kinds.RECORD, body)
        if self._begun:
            self._begun.pop(heard.request_id, None)
        if heard.principal is not None and event.source == KMS_SOURCE:
            use = None
            if heard.error is None:
                use = LastUse(event.name, now, event_id, heard.request_id)
            keys = () if touched is None else touched.keys
            self.usage.count(keys, event.name, heard.principal.arn, use)

    def settle(self, then: Settled) -> bool:
        """See node.wire.messages.Audit."""
        try:
            return self.sink.settle(then)
        except Unwritable:
            raise errors.Internal from None

    def _by_form(
        self, heard: Heard, event: Event, touched: Touched, event_id: str, now: float
    ) -> bytes | None:
        """The record of a call that succeeded, made from what others have in common with it (for
        40 % of the instructions of `_record`); None where it has to be made by itself.
        """
        request, principal = heard.request, heard.principal
        agent = request.headers.get("user-agent", "")
        about = (heard.target, heard.access_key_id, request.source_address, agent)
        form = self._forms.get(about)
        if len(request.body) > PARAMETERS_MOST or principal is None:
            return None
        try:
            if form is None or form.principal is not principal:
                form = self._form(
                    heard, event, principal, self._record(heard, event, event_id, now)
                )
                if form is None:
                    return None
                _make_room(self._forms)
                self._forms[about] = form
            return form.filled(heard, self._iso(now), event_id, touched.resources)
        except UnicodeEncodeError:  # a lone surrogate, in a text that a stranger chose
            return None

    def _form(
        self, heard: Heard, event: Event, principal: Principal, record: Record
    ) -> Form | None:
        members = self._material_members_of(heard.output)
        if len(members) > 1 or heard.asked is None:
            return None
        shown = self._parameters.shown(type(heard.asked), event.request)
        return Form(record, principal, shown, event.defaults, members[0] if members else None)

    def _record(self, heard: Heard, event: Event, event_id: str, now: float) -> Record:
        error = heard.error
        shared = event.in_two_regions and error is None
        touched, materials = self._touched_by(heard), self._materials(heard.output)
        return Record(
            user_identity=self._identity(heard),
            event_time=self._iso(now),
            event_source=event.source,
            event_name=event.name,
            aws_region=self._region,
            source_address=heard.request.source_address,
            user_agent=cut(heard.request.headers.get("user-agent", "")),
            error_code=msgspec.UNSET if error is None else _code(heard, error),
            error_message=msgspec.UNSET if error is None else _message(heard, error),
            request_parameters=self._asked(heard, event),
            response_elements=self._response(event, heard),
            additional_event_data=msgspec.UNSET if materials is None else materials,
            request_id=heard.request_id,
            event_id=event_id,
            shared_event_id=shared_event_id(heard.request_id) if shared else msgspec.UNSET,
            read_only=event.read_only,
            resources=msgspec.UNSET if touched is None else msgspec.Raw(touched.resources.encode()),
            recipient_account_id=self._recipient(heard),
        )

    def _asked(self, heard: Heard, event: Event) -> dict[str, Any] | None:
        """The requestParameters."""
        asked = self._parameters.of(heard.asked, event.request)
        if asked is None:
            return None
        if len(heard.request.body) > PARAMETERS_MOST:
            return OMITTED
        return {**event.defaults, **asked} if event.defaults else asked

    def _event(self, target: str) -> Event:
        event = self._events.get(target)
        if event is None:
            event = event_of(target)
            if len(self._events) < KEPT_MOST:
                self._events[target] = event
        return event

    def _identity(self, heard: Heard) -> msgspec.Raw:
        if heard.principal is None:
            return unknown_identity(heard.access_key_id)
        name = heard.access_key_id or ""
        known = self._identities.get(name)
        if known is None or known[0] is not heard.principal:
            _make_room(self._identities)
            known = (heard.principal, user_identity(heard.principal, name))
            self._identities[name] = known
        return known[1]

    def _recipient(self, heard: Heard) -> str:
        """The account that the record is for: the key's, else the caller's."""
        if heard.principal is None:
            return self._account
        return heard.principal.account

    def _touched_by(self, heard: Heard) -> Touched | None:
        """What a call was about; None if it was about nothing."""
        which = tuple(heard.resources) or _made(heard.output)
        if not which:
            return None
        found = self._touched.get(which)
        if found is None:
            _make_room(self._touched)
            keys = tuple(arn for arn in which if ":key/" in arn)
            found = self._touched[which] = Touched(encoded_resources(which).decode(), keys)
        return found

    def _response(self, event: Event, heard: Heard) -> dict[str, Any] | None:
        if heard.error is not None:
            return None
        if not event.response and not event.answers_key:
            return None
        shown = self._parameters.of(heard.output, event.response) or {}
        keys = [arn for arn in heard.resources if ":key/" in arn]
        return {**shown, "keyId": keys[-1]} if event.answers_key and keys else shown

    def _materials(self, output: msgspec.Struct | None) -> dict[str, str] | None:
        """The key materials that a response names, under CloudTrail's names; None for none."""
        members = self._material_members_of(output)
        found = {name: getattr(output, attribute) for attribute, name in members}
        return {name: held for name, held in found.items() if held is not None} or None

    def _material_members_of(self, output: msgspec.Struct | None) -> tuple[tuple[str, str], ...]:
        shape = type(output)
        members = self._material_members.get(shape)
        if members is None:
            members = self._material_members[shape] = _material_members(shape)
        return members

    def _iso(self, now: float) -> str:
        second = int(now)
        if second != self._second:
            self._second, self._time = second, iso_time(now)
        return self._time


def _not_open(kind: str, body: bytes) -> object:
    """What appends to a trail before there is one."""
    raise RuntimeError("the audit trail is not open")


def _code(heard: Heard, error: errors.KmsError) -> str:
    """The error's name; CloudTrail has a word of its own for one of them."""
    if type(error) is errors.AccessDenied:
        return "AccessDenied"
    return wire_error(error, heard.dialect).name


def _message(heard: Heard, error: errors.KmsError) -> str | msgspec.UnsetType:
    """The error's text. To a stranger's it may quote what was sent in the place of a name."""
    known = heard.principal is not None or error.message == type(error).default
    return cut(error.message) if error.message and known else msgspec.UNSET


def _made(output: msgspec.Struct | None) -> tuple[str, ...]:
    """The key that CreateKey made."""
    metadata = getattr(output, "key_metadata", None)
    return () if metadata is None else (metadata.arn,)


def _material_members(shape: type) -> tuple[tuple[str, str], ...]:
    """The members of a response that name key materials, with their names in a record."""
    members = getattr(shape, "__struct_fields__", ())
    return tuple(each for each in _MATERIALS.items() if each[0] in members)


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= KEPT_MOST:
        kept.pop(next(iter(kept)))
