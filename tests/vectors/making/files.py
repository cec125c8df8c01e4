"""Vectors of the two key files: root key and identity."""

from collections.abc import Callable

from crypto.sealing import RootKey
from tests.vectors import reference
from tests.vectors.making.parts import Document, accepted, refused, secret
from tests.vectors.making.regions import IDENTITY, SEALING_SEED, SIGNING_SEED
from tests.vectors.making.rest import NEWEST

_Lines = tuple[str, ...]
_Change = Callable[[_Lines], _Lines]

ROOT_KEY_LINES: _Lines = (
    "keyspan root key v1",
    f"id: {reference.root_key_id(NEWEST).hex()}",
    f"secret: {NEWEST.hex()}",
)
IDENTITY_LINES: _Lines = (
    "keyspan identity v1",
    "region: us-east-1",
    f"signing-seed: {SIGNING_SEED.hex()}",
    f"sealing-seed: {SEALING_SEED.hex()}",
    f"fingerprint: {IDENTITY.public.fingerprint}",
)


def _set(name: str, value: str) -> _Change:
    def change(lines: _Lines) -> _Lines:
        return tuple(f"{name}: {value}" if line.startswith(name) else line for line in lines)

    return change


def _title(title: str) -> _Change:
    return lambda lines: (title, *lines[1:])


_ROOT_KEY_CHANGES: dict[str, tuple[str, _Change]] = {
    "version_2": ("a version that is not known", _title("keyspan root key v2")),
    "other_kind": ("the title of an identity file", _title("keyspan identity v1")),
    "id_of_other_key": ("an ID that is not the secret's", _set("id", "0" * 32)),
    "id_upper_case": ("upper case", lambda lines: (lines[0], lines[1].upper(), lines[2])),
    "secret_of_other_key": ("a secret that is not the ID's", _set("secret", secret("x").hex())),
    "secret_not_hex": ("a letter that is no digit", _set("secret", "g" + NEWEST.hex()[1:])),
    "secret_upper_case": ("upper case", _set("secret", NEWEST.hex().upper())),
    "secret_with_spaces": ("spaces between bytes", _set("secret", NEWEST.hex(" "))),
    "secret_short": ("31 bytes", _set("secret", NEWEST[:31].hex())),
    "secret_long": ("33 bytes", _set("secret", NEWEST.hex() + "00")),
    "secret_odd": ("63 digits", _set("secret", NEWEST.hex()[:-1])),
    "secret_empty": ("no digits", _set("secret", "")),
    "secret_base64": ("another encoding", _set("secret", "AAECAwQFBgcICQoLDA0ODw==")),
}
_IDENTITY_CHANGES: dict[str, tuple[str, _Change]] = {
    "version_2": ("a version that is not known", _title("keyspan identity v2")),
    "other_kind": ("the title of a root key file", _title("keyspan root key v1")),
    "region_renamed": ("a fingerprint of another region", _set("region", "eu-west-1")),
    "region_empty": ("no region", _set("region", "")),
    "region_upper_case": ("upper case", _set("region", "US-EAST-1")),
    "region_with_space": ("a space after the region", _set("region", "us-east-1 ")),
    "signing_seed_not_hex": ("a letter that is no digit", _set("signing-seed", "z" * 64)),
    "signing_seed_short": ("31 bytes", _set("signing-seed", SIGNING_SEED[:31].hex())),
    "signing_seed_of_other": ("another seed", _set("signing-seed", secret("x").hex())),
    "sealing_seed_long": ("33 bytes", _set("sealing-seed", SEALING_SEED.hex() + "00")),
    "sealing_seed_of_other": ("another seed", _set("sealing-seed", secret("x").hex())),
    "fingerprint_of_other": ("another fingerprint", _set("fingerprint", "0" * 64)),
    "fingerprint_empty": ("no fingerprint", _set("fingerprint", "")),
}


def root_key_files() -> dict[str, Document]:
    assert RootKey(NEWEST).encode() == reference.key_file(*ROOT_KEY_LINES)
    contents = {"id": reference.root_key_id(NEWEST).hex(), "secret": NEWEST.hex()}
    return _accepted(ROOT_KEY_LINES, contents) | _refused(ROOT_KEY_LINES, _ROOT_KEY_CHANGES)


def identity_files() -> dict[str, Document]:
    contents = {
        "region": IDENTITY.region,
        "signing_seed": SIGNING_SEED.hex(),
        "sealing_seed": SEALING_SEED.hex(),
        "fingerprint": IDENTITY.public.fingerprint,
    }
    return _accepted(IDENTITY_LINES, contents) | _refused(IDENTITY_LINES, _IDENTITY_CHANGES)


def _accepted(lines: _Lines, contents: Document) -> dict[str, Document]:
    text = reference.key_file(*lines)
    return {
        "as_written": accepted("what encode gives", text=text, **contents),
        "last_newline_missing": accepted("as secret mounts leave it", text=text[:-1], **contents),
    }


def _refused(lines: _Lines, changes: dict[str, tuple[str, _Change]]) -> dict[str, Document]:
    texts = {
        name: (note, reference.key_file(*change(lines))) for name, (note, change) in changes.items()
    }
    texts |= _other_fields(lines) | _other_text(reference.key_file(*lines))
    return {name: refused("SealError", note, text=text) for name, (note, text) in texts.items()}


def _other_fields(lines: _Lines) -> dict[str, tuple[str, str]]:
    """Files with a right checksum and other fields than theirs."""
    rows = {
        "field_missing": ("the last field is missing", lines[:-1]),
        "field_unknown": ("one field more", (*lines, "comment: mine")),
        "field_twice": ("the last field comes twice", (*lines, lines[-1])),
        "fields_reordered": (
            "the first two fields changed places",
            (lines[0], lines[2], lines[1], *lines[3:]),
        ),
        "separator_without_space": (
            "name:value",
            (lines[0], lines[1].replace(": ", ":"), *lines[2:]),
        ),
        "line_indented": ("a space before a field", (lines[0], " " + lines[1], *lines[2:])),
        "line_empty": ("an empty line", (lines[0], "", *lines[1:])),
        "carriage_returns": ("line ends of two characters", tuple(line + "\r" for line in lines)),
    }
    return {name: (note, reference.key_file(*changed)) for name, (note, changed) in rows.items()}


def _other_text(text: str) -> dict[str, tuple[str, str]]:
    """Text that is a good file and more, or less."""
    ends = [place for place, character in enumerate(text) if character == "\n"]
    cut = {
        f"truncated_after_line_{n}": (f"{n} lines", text[: end + 1])
        for n, end in enumerate(ends[:-1], 1)
    }
    return cut | {
        "empty": ("nothing", ""),
        "title_alone": ("a title without line end", text[: ends[0]]),
        "checksum_wrong": ("another digit", text[:-2] + ("1" if text[-2] == "0" else "0") + "\n"),
        "checksum_upper_case": ("upper case", text[: ends[-2]] + text[ends[-2] :].upper()),
        "checksum_short": ("63 digits", text[:-2] + "\n"),
        "secret_digit_changed": ("a damaged digit", text[: ends[2] - 1] + "~" + text[ends[2] :]),
        "trailing_newline": ("two newlines at the end", text + "\n"),
        "trailing_text": ("a line after the checksum", text + "more\n"),
        "leading_newline": ("an empty line first", "\n" + text),
        "byte_order_mark": ("U+FEFF first", "\ufeff" + text),
        "not_ascii": ("a letter beyond ASCII", text.replace("keyspan", "k\u00e9yspan")),
        "lone_surrogate": ("what a bad byte becomes on reading", text[:-1] + "\udcff\n"),
        "too_long": ("4097 characters", text + " " * (4097 - len(text))),
        "twice": ("the file twice", text + text),
    }
