"""Who may do what, read from the source: reveal material, call raw primitives, import what."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("crypto", "replication", "node")
SOURCES = {
    path.relative_to(ROOT).as_posix(): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}

# The modules that take the bytes out of key material, each to put them into a cipher or a seal.
REVEALING = {
    "crypto/asymmetric.py",
    "crypto/identity.py",
    "crypto/mac.py",
    "crypto/sealing.py",
    "crypto/symmetric.py",
}

# Raw cryptography, and the modules that call it.
# The demo is exempt: it plays the client, who encrypts with a data key by hand.
CLIENT = "node/cli/demo/"
RAW = {
    "cryptography.hazmat.primitives.ciphers.aead": {"crypto/primitives.py"},
    # SigV4 is AWS's own use of HMAC, with access keys and never with key material.
    "cryptography.hazmat.primitives.hmac": {"crypto/primitives.py", "node/wire/sigv4/keys.py"},
    "cryptography.hazmat.primitives.keywrap": {"crypto/primitives.py", "crypto/imports.py"},
    "cryptography.hazmat.primitives.hpke": {"crypto/xwing.py"},
    "cryptography.hazmat.primitives.asymmetric.x25519": {"crypto/xwing.py"},
    "cryptography.hazmat.primitives.asymmetric.mlkem": {"crypto/xwing.py", "crypto/mlkem.py"},
    "cryptography.hazmat.primitives.asymmetric.ed25519": {"crypto/identity.py", "crypto/eddsa.py"},
    "cryptography.hazmat.primitives.asymmetric.mldsa": {"crypto/mldsa.py"},
    "cryptography.hazmat.primitives.asymmetric.rsa": {"crypto/rsa.py", "crypto/imports.py"},
    "cryptography.hazmat.primitives.asymmetric.padding": {"crypto/rsa.py"},
    "cryptography.hazmat.primitives.asymmetric.ec": {"crypto/ec.py"},
}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), path.name)


def _names_reveal(tree: ast.AST) -> bool:
    """Whether `reveal` is reached, as an attribute or by its name in a text (getattr)."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "reveal")
        or (isinstance(node, ast.Constant) and node.value == "reveal")
        for node in ast.walk(tree)
    )


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("name", SOURCES)
def test_only_ciphers_and_seals_reveal_material(name: str) -> None:
    assert _names_reveal(_tree(SOURCES[name])) == (name in REVEALING)


@pytest.mark.parametrize("name", [name for name in SOURCES if not name.startswith(CLIENT)])
def test_raw_cryptography_is_called_where_it_belongs(name: str) -> None:
    raw = {module for module in _imports(_tree(SOURCES[name])) if module in RAW}
    assert all(name in RAW[module] for module in raw)


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith("crypto/")])
def test_crypto_imports_the_standard_library_and_cryptography_alone(name: str) -> None:
    tops = {module.partition(".")[0] for module in _imports(_tree(SOURCES[name]))}
    assert tops <= {"crypto", "cryptography"} | set(sys.stdlib_module_names)


_IMPURE = {"asyncio", "datetime", "logging", "os", "pathlib", "secrets", "socket", "time"}


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith("crypto/")])
def test_crypto_has_no_clock_file_loop_logger_or_randomness_of_its_own(name: str) -> None:
    tops = {module.partition(".")[0] for module in _imports(_tree(SOURCES[name]))}
    assert not tops & _IMPURE


@pytest.mark.parametrize(
    "source", ["material.reveal()", "f = x.y.reveal", "getattr(material, 'reveal')()"]
)
def test_the_search_for_reveal_finds_it(source: str) -> None:
    assert _names_reveal(ast.parse(source))
