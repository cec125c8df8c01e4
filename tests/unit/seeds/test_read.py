"""Seed files: what a whole one says, and each way in which one can be broken, by its line."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from node.seeds import Seed, read_seed
from node.settings import SettingsError

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
SECRET = base64.b64encode(b"\x5a" * 32).decode()
PKCS8 = base64.b64encode(
    ec.derive_private_key(7, ec.SECP256R1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
).decode()


def read(folder: Path, text: str) -> Seed:
    path = folder / "seed.toml"
    path.write_text(text, encoding="utf-8")
    return read_seed(path, account=ACCOUNT, regions=REGIONS)


def test_an_empty_file_is_an_empty_seed(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing yet\n") == Seed()


def test_defaults_are_the_clusters_and_kms_own(tmp_path: Path) -> None:
    (key,) = read(tmp_path, f'[[keys]]\nid = "{ID}"\n').keys
    assert (key.account, key.region, key.replicas) == (ACCOUNT, "us-east-1", [])
    assert (key.spec, key.usage, key.material) == ("SYMMETRIC_DEFAULT", None, None)
    assert (key.description, key.policy, key.tags, key.aliases) == (None, None, None, [])


def test_all_that_a_file_can_say(tmp_path: Path) -> None:
    seed = read(
        tmp_path,
        f"""
        [[accounts]]
        id = "444455556666"
        access_key_id = "AKIAEXAMPLE000000000"
        secret_access_key = "{"s" * 40}"

        [[keys]]
        id = "{MRK}"
        account = "444455556666"
        region = "eu-west-1"
        replicas = ["us-east-1", "ap-southeast-2"]
        material = '''
          {SECRET[:20]}
          {SECRET[20:]}
        '''
        description = "for orders"
        aliases = ["alias/orders", "alias/a/b:c_d-e"]
        tags = {{ team = "payments", "a.b" = "" }}
        policy = '''{{"Statement": []}}'''

        [[keys]]
        id = "{ID}"
        spec = "ECC_NIST_P256"
        usage = "KEY_AGREEMENT"
        material = "{PKCS8}"
        aliases = ["alias/orders"]
        """,
    )
    assert [each.id for each in seed.accounts] == ["444455556666"]
    first, second = seed.keys
    assert first.tags == {"team": "payments", "a.b": ""}
    assert second.usage == "KEY_AGREEMENT"


def test_a_seed_shows_no_secret(tmp_path: Path) -> None:
    seed = read(
        tmp_path,
        f"""
        [[accounts]]
        id = "444455556666"
        access_key_id = "AKIAEXAMPLE000000000"
        secret_access_key = "{"s" * 40}"
        [[keys]]
        id = "{ID}"
        material = "{SECRET}"
        """,
    )
    assert SECRET not in repr(seed)
    assert "ssss" not in repr(seed)


KEY = f'[[keys]]\nid = "{ID}"\n'
MULTI = f'[[keys]]\nid = "{MRK}"\n'
BROKEN: dict[str, tuple[str, int, str]] = {
    "no TOML": ("[[keys]]\nid = \n", 2, "this is not valid TOML"),
    "an end too early": ('[[keys]]\nid = "', 2, "this is not valid TOML"),
    "a key twice": (KEY + f'id = "{ID}"\n', 3, "this is not valid TOML"),
    "an unknown table": ("\n[[key]]\n", 2, "key is not known; perhaps it should be keys."),
    "an unknown member": (KEY + "\ntag = {}\n", 4, "keys[0].tag is not known; perhaps"),
    "nothing like it": (KEY + "zzz = 1\n", 3, "keys[0].zzz is not known; there are id, region"),
    "no id": ("\n\n[[keys]]\nregion = 'us-east-1'\n", 3, "keys[0] has no id; add it."),
    "a number for a text": ("[[keys]]\n\nid = 5\n", 3, "keys[0].id is of the wrong kind"),
    "a text for a list": (KEY + "aliases = 'alias/a'\n", 3, "keys[0].aliases is of the wrong kind"),
    "a number in a list": (KEY + "aliases = [\n1]\n", 3, "keys[0].aliases[0] is of the wrong kind"),
    "a number for a tag": (KEY + "tags = { a = 1 }\n", 3, "keys[0].tags is of the wrong kind"),
    "a table for the list": ("[keys]\n", 1, "keys is of the wrong kind"),
    "an id in capitals": (f'[[keys]]\nid = "{ID.upper()}"\n', 2, "is not a key ID; give a UUID"),
    "an id that is none": ('[[keys]]\nid = "alias/x"\n', 2, "'alias/x' is not a key ID"),
    "an id twice": (KEY + "\n" + KEY, 5, f"keys[1].id {ID} is used twice"),
    "an unknown region": (KEY + "region = 'mars-north-1'\n", 3, "mars-north-1 is not a region of"),
    "replicas of a single-Region key": (
        KEY + "replicas = ['eu-west-1']\n",
        3,
        "replicas are for multi-Region keys alone; give the key an ID that begins mrk-.",
    ),
    "a replica in an unknown region": (MULTI + "replicas = ['xx-a-1']\n", 3, "name xx-a-1, which"),
    "a replica beside its primary": (
        MULTI + "replicas = ['us-east-1']\n",
        3,
        "name us-east-1, where the primary key is",
    ),
    "a replica twice": (
        MULTI + "replicas = ['eu-west-1', 'eu-west-1']\n",
        3,
        "name a region twice",
    ),
    "an unknown spec": (KEY + "spec = 'AES_256'\n", 3, "AES_256 is not a key spec that Keyspan"),
    "no usage": (KEY + "spec = 'RSA_2048'\n", 1, "keys[0].usage is needed for a key of spec RSA"),
    "a usage of another spec": (
        KEY + "spec = 'HMAC_256'\nusage = 'SIGN_VERIFY'\n",
        4,
        "SIGN_VERIFY is not for keys of spec HMAC_256; choose from GENERATE_VERIFY_MAC.",
    ),
    "material that is no base64": (KEY + "material = '?'\n", 3, "material is not base64"),
    "material of another size": (
        KEY + "material = 'AAAA'\n",
        3,
        "material is no key material of spec SYMMETRIC_DEFAULT; give 32 bytes, in base64.",
    ),
    "material of another spec": (
        KEY + f"spec = 'RSA_2048'\nusage = 'SIGN_VERIFY'\nmaterial = '{PKCS8}'\n",
        5,
        "no key material of spec RSA_2048; give the private key as PKCS#8 in DER, in base64.",
    ),
    "an alias without its prefix": (KEY + "aliases = ['orders']\n", 3, "have 'orders', which is"),
    "an alias of AWS": (KEY + "aliases = ['alias/aws/s3']\n", 3, "have 'alias/aws/s3', which"),
    "an alias of two keys": (
        KEY + "aliases = ['alias/a']\n" + MULTI + "aliases = ['alias/a']\n",
        6,
        "keys[1].aliases have alias/a, which another key has in us-east-1",
    ),
    "a description too long": (KEY + f"description = '{'x' * 8193}'\n", 3, "is longer than 8192"),
    "a tag of AWS": (KEY + "tags = { 'aws:x' = '' }\n", 3, "have 'aws:x', which KMS does not take"),
    "a policy that is no JSON": (KEY + "policy = '{'\n", 3, "policy is not a JSON document with"),
    "a policy without statements": (KEY + "policy = '{}'\n", 3, "policy is not a JSON document"),
    "an unknown account": (KEY + "account = '999999999999'\n", 3, "is not an account of this seed"),
    "an account that is none": (
        "[[accounts]]\nid = 'me'\naccess_key_id = 'A'\nsecret_access_key = 's'\n",
        2,
        "accounts[0].id 'me' is not an account ID, which has twelve digits",
    ),
    "the cluster's own account": (
        f"[[accounts]]\nid = '{ACCOUNT}'\naccess_key_id = 'A'\nsecret_access_key = 's'\n",
        2,
        "is the cluster's own account; leave it out: it is there.",
    ),
    "a short access key ID": (
        "[[accounts]]\nid = '444455556666'\naccess_key_id = 'A'\nsecret_access_key = 's'\n",
        3,
        "access_key_id is not 16 to 128 capital letters and digits",
    ),
    "a short secret": (
        "[[accounts]]\nid = '444455556666'\naccess_key_id = 'AKIAEXAMPLE000000000'\n"
        "secret_access_key = 'short'\n",
        4,
        "secret_access_key is shorter than 32 characters",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_sentence_with_a_line(tmp_path: Path, name: str) -> None:
    text, line, words = BROKEN[name]
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path / 'seed.toml'}, line {line}: "), sentence
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_secret_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, KEY + f"spec = 'RSA_2048'\nusage = 'SIGN_VERIFY'\nmaterial = '{SECRET}'\n")
    assert SECRET not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist; check the path of --seed"):
        read_seed(tmp_path / "none.toml", account=ACCOUNT, regions=REGIONS)
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        read_seed(tmp_path / "latin", account=ACCOUNT, regions=REGIONS)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_seed(tmp_path, account=ACCOUNT, regions=REGIONS)
