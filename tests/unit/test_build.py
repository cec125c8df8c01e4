"""What is said to be compiled is there, and where it is compiled, it is what runs."""

from __future__ import annotations

import importlib
import sys
import tomllib
from pathlib import Path

from node.build import hot_path

PROJECT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
COMPILED: list[str] = SETTINGS["tool"]["keyspan"]["compiled"]


def test_the_list_is_of_modules_that_there_are() -> None:
    assert [each for each in COMPILED if not (PROJECT / each).is_file()] == []
    assert sorted(set(COMPILED)) == COMPILED


def test_nothing_that_holds_secrets_is_compiled() -> None:
    """A compiled class cannot refuse to be copied or altered (crypto/redaction.py). Of `crypto`,
    there are the form of a blob, which is no secret, and of an encryption context, which is none.
    """
    compiled = {each for each in COMPILED if each.startswith("crypto/")}
    assert compiled == {"crypto/ciphertext.py", "crypto/context.py"}


def test_all_of_it_runs_as_it_was_asked_for() -> None:
    """With `make COMPILED=1` all is compiled, else nothing."""
    asked_for = any(Path(each).parts[-2:] == ("build", "compiled") for each in sys.path)
    ends = set()
    for each in COMPILED:
        module = importlib.import_module(each.removesuffix(".py").replace("/", "."))
        ends.add(Path(str(module.__file__)).suffix)
    assert ends == ({".so"} if asked_for else {".py"})
    assert hot_path() == ("compiled" if asked_for else "interpreted")
