"""A canonical request from a template is the one that is put together piece by piece."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.wire.messages import WireRequest
from node.wire.sigv4.canonical import canonical_request
from node.wire.sigv4.templates import Templates

HASH = "0" * 64
names = st.sampled_from(["host", "x-amz-date", "content-type", "x-amz-target", "x%s", "%", ""])
values = st.text(max_size=6) | st.sampled_from(["a  b", "a\tb", "%s", "%", "\udc80", ""])


@given(
    st.lists(names, min_size=1, max_size=5).map(";".join),
    st.dictionaries(names, values),
    st.sampled_from(["", "a=b&a=a", "x"]),
    st.sampled_from(["/", "/a%20b"]),
)
def test_it_is_the_same_by_template(
    signed: str, headers: dict[str, str], query: str, path: str
) -> None:
    request = WireRequest("POST", path, query, headers, b"", "")
    templates = Templates(4)
    expected = canonical_request("POST", path, query, headers, signed, HASH)
    assert templates.canonical_request(request, query, signed, HASH) == expected
    templates.remember(signed)
    assert templates.canonical_request(request, query, signed, HASH) == expected


def test_not_without_end() -> None:
    templates = Templates(3)
    for number in range(10):
        templates.remember(f"host;x-{number}")
        templates.remember(f"host;x-{number}")
        assert len(templates) == min(number + 1, 3)
