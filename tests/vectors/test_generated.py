"""The vector files are what the script makes: none was edited, left over or forgotten."""

from pathlib import Path

from tests.vectors.generate import FOLDER, FORMATS, write


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        f"{name}/{path.name}": path.read_bytes()
        for name in FORMATS
        for path in (folder / name).iterdir()
    }


def test_a_second_run_of_the_script_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    assert _contents(tmp_path) == _contents(FOLDER)
