"""What every object that holds a secret has in common: it is awkward to leak by accident.

Such an object shows only chosen public fields in repr, str and format, refuses pickling, copying
and reassignment, and is no dataclass, so that no generic serialiser walks into it. What Python
cannot promise is erasure: secrets stay in memory until it is reused (pyca/cryptography, "Known
security limitations").
"""

from typing import Any, ClassVar, NoReturn, SupportsIndex


class Redacted:
    """Base class of secret holders. Subclasses name their public fields in `_shown`."""

    __slots__ = ()
    _shown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        shown = (f" {name}={getattr(self, name)!r}" for name in self._shown)
        return f"<{type(self).__name__}{''.join(shown)} (secret redacted)>"

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, name):
            raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")

    def __getstate__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret: it is neither copied nor pickled")

    # Pickle, copy.copy and copy.deepcopy all ask this method for the parts of an object.
    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        self.__getstate__()
