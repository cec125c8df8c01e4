"""Whether a cluster can hold what a seed says: every problem, with its place in the file.

What the nodes would refuse is refused here already, so that a broken seed plants nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from crypto.identifiers import is_key_id
from crypto.specs import KEY_SPECS, Kind
from node.model.arn import ALIAS_PREFIX
from node.model.managed import RESERVED_PREFIX
from node.seeds.document import SPEC, Seed, SeedAccount, SeedKey
from node.seeds.material import check_material
from node.seeds.toml_file import Problem
from node.settings import forms

ALIAS: Final = re.compile(r"alias/[a-zA-Z0-9:/_-]{1,250}")
ACCESS_KEY_ID: Final = re.compile(r"[A-Z0-9]{16,128}")
LEAST_SECRET: Final = 32
_PKCS8: Final = "the private key as PKCS#8 in DER"
FORMS: Final[Mapping[Kind, str]] = {
    **{kind: _PKCS8 for kind in Kind if kind.asymmetric},
    Kind.SYMMETRIC: "32 bytes",
    Kind.HMAC: "the key, as long as KMS takes it for this spec",
}
ALIASES_MOST: Final = 50
TAGS_MOST: Final = 50
DESCRIPTION_MOST: Final = 8192


Found = Iterator[tuple[str, str, str]]
"""Of one account or key: the member, what is wrong with it, and what to do about it."""


def problems(seed: Seed, account: str, regions: Sequence[str]) -> Iterator[Problem]:
    """Everything in a seed, its defaults filled in, that a cluster cannot hold."""
    known = {account, *(each.id for each in seed.accounts)}
    for number, other in enumerate(seed.accounts):
        for member, what, remedy in _of_account(other, account):
            yield Problem(("accounts", number, member), what, remedy)
    for number, key in enumerate(seed.keys):
        for member, what, remedy in _of_key(key, known, regions):
            yield Problem(("keys", number, member), what, remedy)
    yield from _twice(seed)


def _of_account(other: SeedAccount, account: str) -> Found:
    try:
        forms.account(other.id)
    except ValueError as error:
        yield "id", f"{other.id!r} {error}", "write it in quotes"
    if other.id == account:
        yield "id", f"{other.id} is the cluster's own account", "leave it out: it is there"
    if not ACCESS_KEY_ID.fullmatch(other.access_key_id):
        yield "access_key_id", "is not 16 to 128 capital letters and digits", "correct it"
    if len(other.secret_access_key) < LEAST_SECRET:
        yield "secret_access_key", f"is shorter than {LEAST_SECRET} characters", "lengthen it"


def _of_key(key: SeedKey, accounts: set[str], regions: Sequence[str]) -> Found:
    if not is_key_id(key.id):
        remedy = "give a UUID, or mrk- and 32 hexadecimal digits, in lower case"
        yield "id", f"{key.id!r} is not a key ID", remedy
    if key.account not in accounts:
        yield "account", f"{key.account} is not an account of this seed", "add it to [[accounts]]"
    yield from _of_regions(key, regions)
    yield from _of_spec(key)
    yield from _of_independent(key)


def _of_regions(key: SeedKey, regions: Sequence[str]) -> Found:
    there = f"choose from {', '.join(regions)}"
    if key.region not in regions:
        yield "region", f"{key.region} is not a region of this cluster", there
    if key.replicas and not key.multi_region:
        yield "replicas", "are for multi-Region keys alone", "give the key an ID that begins mrk-"
    for region in key.replicas:
        if region not in regions:
            yield "replicas", f"name {region}, which is not a region of this cluster", there
        if region == key.region:
            yield "replicas", f"name {region}, where the primary key is", "leave it out"
    if len(set(key.replicas)) < len(key.replicas):
        yield "replicas", "name a region twice", "name it once"


def _of_spec(key: SeedKey) -> Found:
    spec = KEY_SPECS.get(key.spec)
    if spec is None:
        close = ", ".join(KEY_SPECS)
        yield "spec", f"{key.spec} is not a key spec that Keyspan has", f"choose from {close}"
        return
    needed = f"choose from {', '.join(spec.usages)}"
    if key.usage is None and key.spec != SPEC:
        yield "usage", f"is needed for a key of spec {key.spec}", needed
    if key.usage is not None and key.usage not in spec.usages:
        yield "usage", f"{key.usage} is not for keys of spec {key.spec}", needed
    if is_key_id(key.id):
        try:
            check_material(key)
        except ValueError as error:
            yield "material", str(error), f"give {FORMS[spec.kind]}, in base64"


def _of_independent(key: SeedKey) -> Found:
    """The properties that a key has in each of its regions."""
    for alias in key.aliases:
        if not ALIAS.fullmatch(alias) or alias.startswith(RESERVED_PREFIX):
            remedy = f"give {ALIAS_PREFIX} and a name of letters, digits and any of : / _ -"
            yield "aliases", f"have {alias!r}, which is not the name of an alias of yours", remedy
    if len(set(key.aliases)) > ALIASES_MOST:
        yield "aliases", f"are more than {ALIASES_MOST}", "KMS has no more for a key"
    if len(key.description or "") > DESCRIPTION_MOST:
        yield "description", f"is longer than {DESCRIPTION_MOST} characters", "shorten it"
    yield from _of_tags(key.tags or {})
    if key.policy is not None and not _has_statements(key.policy):
        yield "policy", "is not a JSON document with statements", "correct it"


def _of_tags(tags: dict[str, str]) -> Found:
    if len(tags) > TAGS_MOST:
        yield "tags", f"are more than {TAGS_MOST}", "KMS has no more for a key"
    for name, value in tags.items():
        if not 1 <= len(name) <= 128 or len(value) > 256 or name.lower().startswith("aws:"):
            remedy = "KMS takes keys of 1 to 128 characters, not AWS's own, and values up to 256"
            yield "tags", f"have {name!r}, which KMS does not take", remedy


def _has_statements(policy: str) -> bool:
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and isinstance(document.get("Statement"), list | dict)


def _twice(seed: Seed) -> Iterator[Problem]:
    """What may be in a seed once."""
    ids: set[str] = set()
    aliases: set[tuple[str | None, str, str]] = set()
    for number, key in enumerate(seed.keys):
        if key.id in ids:
            yield Problem(
                ("keys", number, "id"), f"{key.id} is used twice", "give each key its own"
            )
        ids.add(key.id)
        for alias in set(key.aliases):
            for region in (key.region, *key.replicas):
                name = (key.account, str(region), alias)
                if name in aliases:
                    what = f"have {alias}, which another key has in {region}"
                    yield Problem(("keys", number, "aliases"), what, "an alias names one key")
                aliases.add(name)
    accounts = [each.id for each in seed.accounts]
    for number, each in enumerate(accounts):
        if each in accounts[:number]:
            what = f"{each} is there twice"
            yield Problem(("accounts", number, "id"), what, "give each account once")
