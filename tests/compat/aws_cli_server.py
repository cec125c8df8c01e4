"""Runs commands of the AWS CLI for `aws_cli.py`, each as `aws` would: a program, not a test.

Starting Python and importing the CLI takes a second, most of a command's time; here it is done
once. A line on standard input is a command's words as JSON, a line on standard output its answer.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]


def run(words: list[str]) -> dict[str, object]:
    """The exit status of one command, and what it wrote."""
    with (
        contextlib.redirect_stdout(io.StringIO()) as output,
        contextlib.redirect_stderr(io.StringIO()) as errors,
    ):
        try:
            status = create_clidriver().main(words)
        except SystemExit as end:
            status = end.code
    return {"status": status, "output": output.getvalue(), "errors": errors.getvalue()}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()
