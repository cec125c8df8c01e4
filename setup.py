"""Compiles the hot path where KEYSPAN_COMPILE=1 asks for it (docs/decisions/0028).

Everything else about the package is in pyproject.toml, the list of what is compiled too. Without
that variable nothing is compiled, no compiler is needed, and the same modules are interpreted.
"""

import os
import tomllib
from pathlib import Path

from setuptools import Extension, setup


def extensions() -> list[Extension]:
    """The compiled modules. mypyc checks types first, and ends the build where they are wrong."""
    if os.environ.get("KEYSPAN_COMPILE") != "1":
        return []
    from mypyc.build import mypycify

    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    modules: list[str] = project["tool"]["keyspan"]["compiled"]
    return mypycify(modules, debug_level="0", multi_file=True)


setup(ext_modules=extensions())
