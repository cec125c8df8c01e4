"""Files that hold secrets, and secrets that come by the environment (D3).

A secret file must be readable by its owner alone; one that others can read is refused with the
command that closes it, because by then the secret may have been read already and its owner should
know. `env:NAME` in place of a path takes the secret from an environment variable, for systems that
hand secrets over in that way.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from node.settings.errors import SettingsError

__all__ = ["SecretSource", "refuse_unless_private"]

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ENVIRONMENT = "env:"


def refuse_unless_private(path: Path) -> None:
    """Raise SettingsError when anyone but the owner may read or write the file, or it is absent."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        remedy = "restore it from your backup, or make a new cluster with `keyspan init DIR`"
        raise SettingsError.about(path, None, "does not exist", remedy) from None
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise SettingsError.about(path, None, reason, "check its owner and its mode") from None
    if not stat.S_ISREG(mode):
        raise SettingsError.about(path, None, "is not a file", "name the file itself")
    if mode & _OTHERS:
        problem = f"holds a secret and has mode {stat.S_IMODE(mode):04o}, so others can reach it"
        raise SettingsError.about(path, None, problem, f"close it with `chmod 600 {path}`")


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a secret text comes from: the file at `path`, or the variable `variable`."""

    path: Path | None
    variable: str | None

    @classmethod
    def named(cls, text: str, folder: Path) -> SecretSource:
        """Read `env:NAME`, or a path that is relative to the folder of the configuration file."""
        if text.startswith(_ENVIRONMENT):
            return cls(path=None, variable=text.removeprefix(_ENVIRONMENT))
        return cls(path=folder / Path(text).expanduser(), variable=None)

    def __str__(self) -> str:
        return f"${self.variable}" if self.path is None else str(self.path)

    def read(self, environment: Mapping[str, str]) -> str:
        """The secret text. Raises SettingsError when it is absent or open to others."""
        if self.path is not None:
            return _private_text(self.path)
        secret = environment.get(self.variable or "")
        if not secret:
            raise SettingsError(f"{self} is not set; put the secret in that environment variable.")
        return secret


def _private_text(path: Path) -> str:
    refuse_unless_private(path)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SettingsError.about(path, None, "is not text", "restore it") from None
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise SettingsError.about(path, None, reason, "check its owner and its mode") from None
