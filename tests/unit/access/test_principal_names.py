"""Principals of stored policies by unique ID: the rest of the document stays as it was written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.access.document import key_policy, named_principals
from node.access.principal_names import renamed

ALICE = "arn:aws:iam::111122223333:user/alice"
BOB = "arn:aws:iam::111122223333:user/bob"
ROOT = "arn:aws:iam::111122223333:root"
IDS = {ALICE: "AIDA00000000000000001", BOB: "AIDA00000000000000002"}
ARNS = {unique_id: arn for arn, unique_id in IDS.items()}

principals = st.sampled_from((ALICE, BOB, ROOT, "*"))
elements = st.one_of(
    st.just("*"),
    st.builds(lambda arn: {"AWS": arn}, principals),
    st.builds(lambda arns: {"AWS": arns}, st.lists(principals, min_size=1, max_size=3)),
    st.just({"Service": "ec2.amazonaws.com"}),
)
statements = st.builds(
    lambda element, named, condition: {
        "Effect": "Allow",
        element: named,
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalArn": condition, "Principal": condition}},
    },
    st.sampled_from(("Principal", "NotPrincipal")),
    elements,
    st.sampled_from((ALICE, '"Principal": {"AWS": "' + ALICE + '"}')),
)
documents = st.builds(
    lambda found, one, indent: json.dumps(
        {"Version": "2012-10-17", "Statement": found[0] if one else found}, indent=indent
    ),
    st.lists(statements, min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from((None, 2)),
)


@given(documents)
def test_names_go_there_and_back(document: str) -> None:
    stored = renamed(document, IDS.get)
    assert not named_principals(key_policy(stored)) & IDS.keys()
    assert json.loads(renamed(stored, ARNS.get)) == json.loads(document)
    for element in ("Condition", "Action"):
        for before, after in zip(_statements(document), _statements(stored), strict=True):
            assert before[element] == after[element]


def _statements(document: str) -> list[dict[str, object]]:
    found = json.loads(document)["Statement"]
    return found if isinstance(found, list) else [found]


def test_the_form_of_the_document_stays() -> None:
    document = (
        '{ "Statement" :\n\t[ {"Principal" : { "AWS" :["%s",  "%s"]},\n "Effect":"Deny",'
        '"Action":"kms:*"} ] }'
    )
    stored = renamed(document % (ALICE, ROOT), IDS.get)
    assert stored == document % (IDS[ALICE], ROOT)


def test_a_document_that_names_nobody_else_is_the_same_object() -> None:
    document = json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*"}})
    assert renamed(document, IDS.get) is document


@pytest.mark.parametrize("escaped", [ALICE.replace("/", "\\/"), ALICE.replace("a", "\\u0061")])
def test_a_name_in_another_spelling_is_the_name(escaped: str) -> None:
    document = '{"Statement":{"Effect":"Deny","Principal":{"AWS":"%s"},"Action":"kms:*"}}'
    stored = renamed(document % escaped, IDS.get)
    assert json.loads(stored)["Statement"]["Principal"] == {"AWS": IDS[ALICE]}
