"""Requests that mean something: of a key that fits, with values answered before, or following on
an earlier answer (Encrypt, then Decrypt of what came of it in its own context).

What is written out here is only what the model does not say: which names mean the same thing, which
operation undoes which, and a few members that exclude each other.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tests.compat.page.asks.importing import wrap
from tests.fuzz.memory import Exchange, Memory
from tests.fuzz.values import encoded, valid
from tests.scenarios.key_specs import PAIRS
from tests.wire.model import input_shape

Members = dict[str, Any]

REGIONS = ("us-east-1", "eu-west-1")
SLOW = {"RSA_3072", "RSA_4096"}  # keys that take long to make: seldom asked for
KEYS = {"KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"}
KIN: Mapping[str, tuple[str, ...]] = {
    "CiphertextBlob": ("CiphertextBlob", "PrivateKeyCiphertextBlob"),
    "GrantId": ("GrantId",),
    "GrantToken": ("GrantToken",),
    "ImportToken": ("ImportToken",),
    "KeyMaterialId": ("KeyMaterialId", "CurrentKeyMaterialId"),
    "Mac": ("Mac",),
    "Marker": ("NextMarker",),
    "PublicKey": ("PublicKey",),
    "SharedSecretCiphertextBlob": ("SharedSecretCiphertextBlob",),
    "Signature": ("Signature",),
}
"""Where a member's values come from: names in earlier answers."""

SELDOM = {
    "GranteePrincipal": 0.9,
    "RetiringPrincipal": 0.5,
    "CustomKeyStoreId": 0.02,
    "DryRun": 0.1,
    "DryRunModifiers": 0.05,
    "GrantTokens": 0.1,
    "MessageType": 0.3,
    "Recipient": 0.02,
    "XksKeyId": 0.02,
    "Policy": 0.1,
}
"""How often a member that is not required is given, if not every third time."""

FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "CreateAlias": ("UpdateAlias", "DeleteAlias"),
    "CreateGrant": ("RetireGrant", "RevokeGrant", "ListGrants"),
    "DisableKey": ("EnableKey",),
    "EnableKeyRotation": ("DisableKeyRotation", "GetKeyRotationStatus"),
    "Encapsulate": ("Decapsulate",),
    "Encrypt": ("Decrypt", "ReEncrypt"),
    "GenerateDataKey": ("Decrypt", "ReEncrypt"),
    "GenerateDataKeyPair": ("Decrypt",),
    "GenerateDataKeyPairWithoutPlaintext": ("Decrypt",),
    "GenerateDataKeyWithoutPlaintext": ("Decrypt",),
    "GenerateMac": ("VerifyMac",),
    "GetKeyPolicy": ("PutKeyPolicy",),
    "GetParametersForImport": ("ImportKeyMaterial",),
    "GetPublicKey": ("DeriveSharedSecret",),
    "ImportKeyMaterial": ("DeleteImportedKeyMaterial", "RotateKeyOnDemand"),
    "ReEncrypt": ("Decrypt",),
    "ReplicateKey": ("UpdatePrimaryRegion",),
    "RotateKeyOnDemand": ("ListKeyRotations",),
    "ScheduleKeyDeletion": ("CancelKeyDeletion",),
    "Sign": ("Verify",),
    "TagResource": ("ListResourceTags", "UntagResource"),
}
RENAMED: Mapping[str, Mapping[str, str]] = {
    "Decrypt": {
        "PrivateKeyCiphertextBlob": "CiphertextBlob",
        "DestinationEncryptionContext": "EncryptionContext",
        "DestinationEncryptionAlgorithm": "EncryptionAlgorithm",
    },
    "ReEncrypt": {
        "EncryptionContext": "SourceEncryptionContext",
        "EncryptionAlgorithm": "SourceEncryptionAlgorithm",
        "KeyId": "SourceKeyId",
    },
    "UpdatePrimaryRegion": {"ReplicaRegion": "PrimaryRegion"},
}
"""Members of an exchange that its follower calls by another name."""


class Sense:
    """Makes sensible requests for one conversation."""

    def __init__(self, memory: Memory, random: Random, number: int, account: str) -> None:
        self._memory = memory
        self._random = random
        self._number = number
        self._account = account

    def members(self, operation: str) -> Members:
        """A request that the model allows, on a key that fits if there is one."""
        shape = input_shape(operation)
        listing = {f"{name}s" for name in shape.members}
        external = "Import" in operation
        key = self._external_key() if external else self._fitting_key(listing)
        made = {
            name: self._value(name, member, key)
            for name, member in shape.members.items()
            if name in shape.required_members or self._random.random() < SELDOM.get(name, 0.35)
        }
        adjust = ADJUSTED.get(operation)
        return made if adjust is None else adjust(made, self._random)

    def following(self) -> tuple[str, Members] | None:
        """A request that follows on an exchange of before; None where there is none to follow."""
        fruitful = [each for each in self._memory.exchanges if each.operation in FOLLOWERS]
        if not fruitful:
            return None
        exchange = self._random.choice(fruitful)
        operation = self._random.choice(FOLLOWERS[exchange.operation])
        return operation, self._followed(operation, exchange)

    def page_after(self) -> tuple[str, Members] | None:
        """The next page of a list that was longer."""
        cut = [each for each in self._memory.exchanges if "NextMarker" in each.answer]
        if not cut:
            return None
        exchange = self._random.choice(cut)
        return exchange.operation, {**exchange.given, "Marker": exchange.answer["NextMarker"]}

    def _followed(self, operation: str, exchange: Exchange) -> Members:
        shape = input_shape(operation)
        renamed = RENAMED.get(operation, {})
        at_hand = {
            renamed.get(name, name): value
            for name, value in (*exchange.given.items(), *exchange.answer.items())
        }
        members = {name: at_hand[name] for name in shape.members if name in at_hand}
        members.pop("DryRun", None)
        for name in shape.required_members:
            if name not in members:
                members[name] = self._value(
                    name, shape.members[name], self._memory.key(self._random)
                )
        if operation == "ImportKeyMaterial":
            members |= self._wrapped(exchange)
        if operation == "RetireGrant":  # by its token, or by key ARN and ID
            for name in self._random.choice((["KeyId", "GrantId"], ["GrantToken"])):
                members.pop(name, None)
        return members

    def _wrapped(self, exchange: Exchange) -> Members:
        """Key material as ImportKeyMaterial wants it."""
        public = base64.b64decode(exchange.answer["PublicKey"])
        try:
            blob = wrap(exchange.given["WrappingAlgorithm"], public, self._random.randbytes(32))
        except (ValueError, AssertionError, KeyError):
            blob = self._random.randbytes(256)
        return {
            "EncryptedKeyMaterial": encoded(blob),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }

    def _fitting_key(self, listing: set[str]) -> Members | None:
        """A key that lists algorithms of a kind that the request names, or any."""
        for algorithms in sorted(listing):
            key = self._memory.key(self._random, algorithms)
            if key is not None:
                return key
        return self._memory.key(self._random)

    def _external_key(self) -> Members | None:
        """A key for imported material, or any."""
        found = [key for key in self._memory.keys if key["Origin"] == "EXTERNAL"]
        return self._random.choice(found) if found else self._memory.key(self._random)

    def _value(self, name: str, shape: Any, key: Members | None) -> Any:
        if name in KEYS:
            return self._reference(key)
        plural = f"{name.removeprefix('Source').removeprefix('Destination')}s"
        if key is not None and key.get(plural):
            return self._random.choice(key[plural])
        found = self._memory.thing(self._random, *KIN[name]) if name in KIN else None
        if found is not None:
            return found
        maker = MADE.get(name)
        return valid(shape, self._random) if maker is None else maker(self)

    def _reference(self, key: Members | None) -> str:
        """A key by its ID, ARN, an alias or an alias ARN; mostly by its ID."""
        if key is None:
            return "1234abcd-12ab-34cd-56ef-1234567890ab"
        kind = self._random.random()
        if kind < 0.1 and self._memory.aliases:
            alias = self._random.choice(self._memory.aliases)
            place = str(key["Arn"]).rpartition(":")[0]
            return alias if kind < 0.05 else f"{place}:{alias}"
        return str(key["Arn"] if kind > 0.7 else key["KeyId"])

    def alias(self) -> str:
        """One of a few names of this conversation's own."""
        return f"alias/fuzz-{self._number}-{self._random.randint(0, 5)}"

    def policy(self) -> str:
        """A key policy that lets the account do everything."""
        root = f"arn:aws:iam::{self._account}:root"
        statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})

    def principal(self) -> str:
        return f"arn:aws:iam::{self._account}:user/{self._random.choice(('administrator', 'bob'))}"

    def region(self) -> str:
        return self._random.choice(REGIONS)

    def tokens(self) -> list[str]:
        token = self._memory.thing(self._random, "GrantToken")
        return [] if token is None else [token]


MADE: Mapping[str, Callable[[Sense], Any]] = {
    "AliasName": Sense.alias,
    "BypassPolicyLockoutSafetyCheck": lambda _: True,
    "GrantTokens": Sense.tokens,
    "GranteePrincipal": Sense.principal,
    "Policy": Sense.policy,
    "PolicyName": lambda _: "default",
    "PrimaryRegion": Sense.region,
    "ReplicaRegion": Sense.region,
    "RetiringPrincipal": Sense.principal,
}


def _new_key(members: Members, random: Random) -> Members:
    spec, usage = random.choice(PAIRS)
    if spec in SLOW and random.random() < 0.9:
        spec = "RSA_2048"
    if random.random() < 0.4:
        spec, usage = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"
    for name in ("CustomerMasterKeySpec", "Origin"):
        members.pop(name, None)
    if random.random() < (0.25 if spec == "SYMMETRIC_DEFAULT" else 0.05):
        members["Origin"] = "EXTERNAL"
    return {**members, "KeySpec": spec, "KeyUsage": usage}


def _one_size(members: Members, random: Random) -> Members:
    """A data key has a KeySpec or a NumberOfBytes, not both."""
    members.pop("KeySpec", None)
    members.pop("NumberOfBytes", None)
    chosen = {"KeySpec": "AES_256"} if random.random() < 0.5 else {"NumberOfBytes": 32}
    return {**members, **chosen}


def _quick_pair(members: Members, random: Random) -> Members:
    if members["KeyPairSpec"] in SLOW and random.random() < 0.9:
        members["KeyPairSpec"] = "ECC_NIST_P256"
    return members


def _to_somebody(members: Members, random: Random) -> Members:
    """A grant has one grantee, and constraints that fit."""
    for name in ("Constraints", "GranteeServicePrincipal", "RetiringServicePrincipal", "Name"):
        members.pop(name, None)
    members["Operations"] = random.sample(GRANTED, random.randint(1, 2))
    if random.random() < 0.3:
        members["Constraints"] = {"EncryptionContextSubset": {"a": "b"}}
    return members


GRANTED = ("DescribeKey", "Decrypt", "Encrypt", "GenerateDataKey", "RetireGrant", "Sign", "Verify")

ADJUSTED: Mapping[str, Callable[[Members, Random], Members]] = {
    "CreateGrant": _to_somebody,
    "CreateKey": _new_key,
    "GenerateDataKey": _one_size,
    "GenerateDataKeyWithoutPlaintext": _one_size,
    "GenerateDataKeyPair": _quick_pair,
    "GenerateDataKeyPairWithoutPlaintext": _quick_pair,
}
"""What the model does not say: members that go together, or not."""
