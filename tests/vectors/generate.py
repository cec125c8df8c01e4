"""Write the vector files: `python -m tests.vectors.generate [FOLDER]`.

Everything is made from seeded bytes, so that a second run changes nothing: `git diff` after a run
shows which format changed. A changed accepted vector means that what is stored no longer opens.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.vectors.making import (
    backups,
    ciphertexts,
    entries,
    files,
    imports,
    regions,
    rest,
    values,
)
from tests.vectors.making.parts import Document

FOLDER = Path(__file__).parent

FORMATS: Mapping[str, Callable[[], dict[str, Document]]] = {
    "backup": backups.backups,
    "binding": values.bindings,
    "ciphertext": ciphertexts.ciphertexts,
    "encryption_context": values.encryption_contexts,
    "identity_file": files.identity_files,
    "import_token": imports.import_tokens,
    "log_entry": entries.log_entries,
    "material_id": values.material_ids,
    "public_identity": regions.public_identities,
    "region_materials": regions.region_materials,
    "region_secret": regions.region_secrets,
    "root_key_file": files.root_key_files,
    "sealed_material": rest.sealed_materials,
    "sealed_secret": rest.sealed_secrets,
    "signature": regions.signatures,
    "wrapped_material": imports.wrapped_materials,
}


def write(folder: Path) -> None:
    """Write every vector under `folder`, one folder per format, and remove what is no vector."""
    for name, make in FORMATS.items():
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        texts = {f"{vector}.json": _text(document) for vector, document in make().items()}
        for stale in {path.name for path in place.iterdir()} - set(texts):
            (place / stale).unlink()
        for file_name, text in texts.items():
            (place / file_name).write_text(text, encoding="ascii")


def _text(document: Document) -> str:
    return json.dumps(document, indent=1) + "\n"


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
