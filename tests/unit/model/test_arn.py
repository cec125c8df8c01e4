"""Every form in which a request may name a key (kms-semantics parts a and g)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.model.arn import KeyReference, alias_arn, is_alias, key_arn, parse_reference
from node.model.errors import InvalidArn, NotFound
from tests.unit.model.keys import ACCOUNT, RELATED, SINGLE

REGION = "us-east-1"
REGIONS = (REGION, "eu-west-1")
OTHER_ACCOUNT = "444455556666"

KEY_FORMS = [
    (SINGLE, KeyReference(ACCOUNT, SINGLE)),
    (RELATED, KeyReference(ACCOUNT, RELATED)),
    (key_arn(REGION, ACCOUNT, SINGLE), KeyReference(ACCOUNT, SINGLE)),
    (key_arn(REGION, ACCOUNT, RELATED), KeyReference(ACCOUNT, RELATED)),
    (key_arn(REGION, OTHER_ACCOUNT, SINGLE), KeyReference(OTHER_ACCOUNT, SINGLE)),
]
ALIAS_FORMS = [
    ("alias/orders", KeyReference(ACCOUNT, alias="alias/orders")),
    ("alias/a/b:c", KeyReference(ACCOUNT, alias="alias/a/b:c")),
    (
        alias_arn(REGION, ACCOUNT, "alias/orders"),
        KeyReference(ACCOUNT, alias="alias/orders"),
    ),
    (
        alias_arn(REGION, OTHER_ACCOUNT, "alias/a:b/c"),
        KeyReference(OTHER_ACCOUNT, alias="alias/a:b/c"),
    ),
]
NOTHINGS = [
    "fake-key-id",
    SINGLE.replace("-", ""),  # kms-semantics part g: a UUID without dashes too
    f"{SINGLE} ",
    f"{SINGLE}\n",
    f"{SINGLE[:-1]}",
    f"{RELATED}0",
    f"MRK-{RELATED[4:]}",
    "mrk-",
    "alias",
    "key/1234",
    "*",
    "ARN:aws:kms",
]


def parse(text: str, *, aliases: bool = True) -> KeyReference:
    return parse_reference(text, region=REGION, account=ACCOUNT, aliases=aliases)


@pytest.mark.parametrize("aliases", [True, False])
@pytest.mark.parametrize(("text", "reference"), KEY_FORMS)
def test_a_key_is_named_by_id_and_arn(text: str, reference: KeyReference, aliases: bool) -> None:
    assert parse(text, aliases=aliases) == reference


@pytest.mark.parametrize(("text", "reference"), ALIAS_FORMS)
def test_a_key_is_named_by_alias_where_that_is_allowed(text: str, reference: KeyReference) -> None:
    assert parse(text) == reference


@pytest.mark.parametrize(
    "text",
    ["alias/orders", "alias/", *(alias_arn(region, ACCOUNT, "alias/x") for region in REGIONS)],
)
def test_an_alias_is_refused_in_these_words_where_none_is_allowed(text: str) -> None:
    assert is_alias(text)
    with pytest.raises(InvalidArn) as refused:
        parse(text, aliases=False)
    assert refused.value.message == "Key Aliases are not supported for this operation."


@pytest.mark.parametrize(
    "text", [SINGLE, "alias", "arn:aws:kms:us-east-1:1:key/alias/x", "x:alias/"]
)
def test_what_is_no_alias(text: str) -> None:
    assert not is_alias(text)


@pytest.mark.parametrize("text", NOTHINGS)
def test_garbage_is_not_found_in_these_words(text: str) -> None:
    with pytest.raises(NotFound) as refused:
        parse(text)
    assert refused.value.message == f"Invalid keyId '{text}'"


@pytest.mark.parametrize(
    "text",
    [
        "arn:",
        "arn:aws",
        "arn:aws:kms:us-east-1",
        f"arn:aws:kms:us-east-1:{ACCOUNT}",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:{SINGLE}",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:grant/{SINGLE}",
        f"arn:aws:s3:us-east-1:{ACCOUNT}:key/{SINGLE}",
        f"arn::kms:us-east-1:key/{SINGLE}",
    ],
)
def test_a_malformed_arn_is_an_invalid_arn(text: str) -> None:
    with pytest.raises(InvalidArn) as refused:
        parse(text)
    assert refused.value.message == f"Invalid arn {text}"


@pytest.mark.parametrize("name", [f"key/{SINGLE}", "alias/orders"])
def test_an_arn_of_another_region_is_not_found(name: str) -> None:
    """kms-semantics part a: NotFoundException, not InvalidArnException."""
    with pytest.raises(NotFound) as refused:
        parse(f"arn:aws:kms:eu-west-1:{ACCOUNT}:{name}")
    assert refused.value.message == "Invalid arn eu-west-1"


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov", ""])
def test_an_arn_of_another_partition_is_not_found(partition: str) -> None:
    with pytest.raises(NotFound):
        parse(f"arn:{partition}:kms:{REGION}:{ACCOUNT}:key/{SINGLE}")


def test_an_arn_with_a_malformed_key_id_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        parse(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/fake-key-id")
    assert refused.value.message == "Invalid keyId 'fake-key-id'"


@given(st.text(max_size=80) | st.from_regex(r"arn(:[a-z0-9-]*){2,6}/?.{0,40}", fullmatch=True))
def test_any_text_names_a_key_or_is_refused(text: str) -> None:
    for aliases in (True, False):
        try:
            reference = parse(text, aliases=aliases)
        except (NotFound, InvalidArn):
            continue
        assert (reference.key_id is None) is not (reference.alias is None)
        assert aliases or reference.alias is None


@given(st.from_regex(r"alias/[a-zA-Z0-9:/_-]{1,250}", fullmatch=True))
def test_an_alias_arn_names_what_its_alias_names(name: str) -> None:
    assert parse(alias_arn(REGION, ACCOUNT, name)) == parse(name)


@given(st.uuids(), st.booleans())
def test_a_key_arn_names_what_its_id_names(identifier: object, multi_region: bool) -> None:
    text = str(identifier)
    key_id = f"mrk-{text.replace('-', '')}" if multi_region else text
    assert parse(key_arn(REGION, ACCOUNT, key_id)) == parse(key_id)
    assert re.fullmatch(r"arn:aws:kms:[^:]+:\d{12}:key/.{36}", key_arn(REGION, ACCOUNT, key_id))
