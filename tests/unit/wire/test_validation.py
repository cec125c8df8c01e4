"""KMS's exact words for what is wrong with a request."""

from __future__ import annotations

import msgspec
import pytest

from node.model import errors
from node.wire.decoding import Decoder
from node.wire.shapes.aliases import CreateAliasRequest
from node.wire.shapes.data_keys import GenerateDataKeyRequest, GenerateRandomRequest
from node.wire.shapes.encryption import DecryptRequest, EncryptRequest
from node.wire.shapes.keys import CreateKeyRequest, ListKeysRequest, UpdateKeyDescriptionRequest
from node.wire.shapes.replicas import ReplicateKeyRequest
from node.wire.shapes.tags import TagResourceRequest, UntagResourceRequest


def refusal(shape: type[msgspec.Struct], body: bytes) -> errors.KmsError:
    with pytest.raises(errors.KmsError) as caught:
        Decoder(shape).decode(body)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # nothing that quotes the body hangs on to it
    return caught.value


LENGTH = "failed to satisfy constraint: Member must have length"

CONSTRAINTS: dict[str, tuple[type[msgspec.Struct], bytes, str]] = {
    "a number too small": (
        GenerateRandomRequest,
        b'{"NumberOfBytes": 0}',
        "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    ),
    "a number too big": (
        GenerateRandomRequest,
        b'{"NumberOfBytes": 1025}',
        "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy "
        "constraint: Member must have value less than or equal to 1024",
    ),
    "a number beyond 64 bits": (
        GenerateRandomRequest,
        b'{"NumberOfBytes": 99999999999999999999}',
        "1 validation error detected: Value '99999999999999999999' at 'numberOfBytes' failed to "
        "satisfy constraint: Member must have value less than or equal to 1024",
    ),
    "a required member that is missing": (
        UpdateKeyDescriptionRequest,
        b'{"Description": ""}',
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: "
        "Member must not be null",
    ),
    "a required member that is null": (
        UpdateKeyDescriptionRequest,
        b'{"Description": "", "KeyId": null}',
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: "
        "Member must not be null",
    ),
    "an empty body": (
        EncryptRequest,
        b"",
        "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member "
        "must not be null; Value null at 'plaintext' failed to satisfy constraint: Member must "
        "not be null",
    ),
    "a plaintext, which is never shown": (
        EncryptRequest,
        b'{"KeyId": "k", "Plaintext": ""}',
        f"1 validation error detected: Value at 'plaintext' {LENGTH} greater than or equal to 1",
    ),
    "a plaintext too long": (
        EncryptRequest,
        b'{"KeyId": "k", "Plaintext": "' + b"AAAA" * 1366 + b'"}',
        f"1 validation error detected: Value at 'plaintext' {LENGTH} less than or equal to 4096",
    ),
    "a ciphertext, which is shown as KMS shows it": (
        DecryptRequest,
        b'{"CiphertextBlob": ""}',
        "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at "
        f"'ciphertextBlob' {LENGTH} greater than or equal to 1",
    ),
    "an enum, in the model's order": (
        GenerateDataKeyRequest,
        b'{"KeyId": "k", "KeySpec": "AES_512"}',
        "1 validation error detected: Value 'AES_512' at 'keySpec' failed to satisfy constraint: "
        "Member must satisfy enum value set: [AES_256, AES_128]",
    ),
    "a pattern and a length": (
        CreateAliasRequest,
        b'{"AliasName": "", "TargetKeyId": "k"}',
        f"2 validation errors detected: Value '' at 'aliasName' {LENGTH} greater than or equal to "
        "1; Value '' at 'aliasName' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: ^[a-zA-Z0-9:/_-]+$",
    ),
    "a newline after the pattern's end": (
        CreateAliasRequest,
        b'{"AliasName": "alias/a\\n", "TargetKeyId": "k"}',
        "1 validation error detected: Value 'alias/a\n' at 'aliasName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
    ),
    "a pattern without anchors": (
        CreateKeyRequest,
        '{"Policy": "{}€"}'.encode(),
        "1 validation error detected: Value '{}€' at 'policy' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
    ),
    "members of structures in a list": (
        TagResourceRequest,
        b'{"KeyId": "k", "Tags": [{"TagKey": "a", "TagValue": "b"}, {"TagKey": ""}, null]}',
        "3 validation errors detected: Value '' at 'tags.2.member.tagKey' failed to satisfy "
        "constraint: Member must have length greater than or equal to 1; Value null at "
        "'tags.2.member.tagValue' failed to satisfy constraint: Member must not be null; "
        "Value null at 'tags.3.member' failed to satisfy constraint: Member must not be null",
    ),
    "scalars in a list, told as one": (
        UntagResourceRequest,
        b'{"KeyId": "k", "TagKeys": ["a", ""]}',
        "1 validation error detected: Value '[a, ]' at 'tagKeys' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must have length less than or equal to 128, "
        "Member must have length greater than or equal to 1]",
    ),
    "a null in a map": (
        DecryptRequest,
        b'{"EncryptionContext": {"a": "b", "c": null}}',
        "1 validation error detected: Value '{a=b, c=null}' at 'encryptionContext' failed to "
        "satisfy constraint: Map value must satisfy constraint: [Member must not be null]",
    ),
    "a list too long and an element too short": (
        ListKeysRequest,
        b'{"ResourceOwners": ["SELF", "SELF", "ME"]}',
        "2 validation errors detected: Value '[SELF, SELF, ME]' at 'resourceOwners' failed to "
        "satisfy constraint: Member must have length less than or equal to 2; "
        "Value '[SELF, SELF, ME]' at 'resourceOwners' failed to satisfy constraint: Member must "
        "satisfy constraint: [Member must satisfy enum value set: [SELF, OTHER_ACCOUNTS_VIA_RAM]]",
    ),
    "a member of a structure": (
        DecryptRequest,
        b'{"Recipient": {"KeyEncryptionAlgorithm": "X", "AttestationDocument": ""}}',
        "2 validation errors detected: Value 'X' at 'recipient.keyEncryptionAlgorithm' failed to "
        "satisfy constraint: Member must satisfy enum value set: [RSAES_OAEP_SHA_256]; Value "
        "'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'recipient.attestationDocument' "
        f"{LENGTH} greater than or equal to 1",
    ),
    "a digit that is not ASCII": (
        ReplicateKeyRequest,
        '{"KeyId": "k", "ReplicaRegion": "eu-west-\N{ARABIC-INDIC DIGIT ONE}"}'.encode(),
        "1 validation error detected: Value 'eu-west-\N{ARABIC-INDIC DIGIT ONE}' at "
        "'replicaRegion' failed to satisfy constraint: Member must satisfy regular expression "
        "pattern: ^([a-z]+-){2,3}\\d+$",
    ),
}


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_what_breaks_a_constraint_is_named(name: str) -> None:
    shape, body, message = CONSTRAINTS[name]
    error = refusal(shape, body)
    assert isinstance(error, errors.Validation)
    assert error.message == message


SERIALIZATION = {
    "not JSON": (b"{", ""),
    "text after the end": (b"{} {}", ""),
    "not UTF-8": (b'{"Marker": "\xff"}', ""),
    "not UTF-8 in a member that is not ours": (b'{"Other": "\xff"}', ""),
    "a byte order mark": (b"\xef\xbb\xbf{}", ""),
    "a lone surrogate": (rb'{"Marker": "\ud800"}', ""),
    "a lone surrogate in a member that is not ours": (rb'{"Other": "\udc00"}', ""),
    "NaN": (b'{"Limit": NaN}', ""),
    "Infinity": (b'{"Limit": -Infinity}', ""),
    "a number that no double holds": (b'{"Limit": 1e999}', ""),
    "five thousand digits": (b'{"Limit": ' + b"9" * 5000 + b"}", ""),
    "deep nesting": (b'{"Marker": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", ""),
    "deep nesting in a member that is not ours": (b'{"Other": ' + b"[" * 100_000, ""),
    "null": (b"null", ""),
    "a list": (b"[]", "Start of list found where not expected"),
    "a string": (b'"x"', "Unexpected field type"),
    "a number": (b"1", "Unexpected field type"),
    "a string for an integer": (
        b'{"Limit": "1"}',
        "STRING_VALUE can not be converted to an Integer",
    ),
    "a fraction for an integer": (
        b'{"Limit": 1.5}',
        "NUMBER_VALUE can not be converted to an Integer",
    ),
    "a boolean for an integer": (
        b'{"Limit": true}',
        "TRUE_VALUE can not be converted to an Integer",
    ),
    "a number for a string": (b'{"Marker": 1}', "NUMBER_VALUE can not be converted to a String"),
    "false for a string": (b'{"Marker": false}', "FALSE_VALUE can not be converted to a String"),
    "a list for a string": (b'{"Marker": []}', "Start of list found where not expected"),
    "an object for a string": (
        b'{"Marker": {}}',
        "Start of structure or map found where not expected.",
    ),
    "a string for a list": (b'{"ResourceOwners": "SELF"}', "Unexpected field type"),
    "a number in a list of strings": (
        b'{"ResourceOwners": [1]}',
        "NUMBER_VALUE can not be converted to a String",
    ),
    "a type and a constraint: the type goes first": (
        b'{"Limit": 0, "Marker": 1}',
        "NUMBER_VALUE can not be converted to a String",
    ),
}


@pytest.mark.parametrize("name", SERIALIZATION)
def test_what_cannot_be_read_is_not_judged_further(name: str) -> None:
    body, message = SERIALIZATION[name]
    error = refusal(ListKeysRequest, body)
    assert isinstance(error, errors.Serialization)
    assert error.message == message


@pytest.mark.parametrize(
    "text",
    ["AAA", "A", "A===", "AAAA\\n", "-_-_", "AAAA=", "\N{FULLWIDTH LATIN CAPITAL LETTER A}AAA"],
)
def test_what_is_not_base64_is_no_blob(text: str) -> None:
    error = refusal(EncryptRequest, f'{{"KeyId": "k", "Plaintext": "{text}"}}'.encode())
    assert isinstance(error, errors.Serialization)
    assert text not in error.message


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        (b"", None),
        (b"{}", None),
        (b' {"Limit": 5} \n', 5),
        (b'{"Limit": null, "Marker": null}', None),
        (b'{"Limit": 1, "Limit": 2}', 2),
        (b'{"Other": [{"a": 1e5}], "limit": "x", "Limit": 7}', 7),
        (rb'{"\u004cimit": 3}', 3),
    ],
)
def test_what_is_right_is_read(body: bytes, limit: int | None) -> None:
    assert Decoder(ListKeysRequest).decode(body) == ListKeysRequest(limit=limit)
