"""The pass phrase of a backup: from a file or the environment, never from the command line, which others can read."""

import os
from pathlib import Path

from django.core.management.base import CommandParser

from guanxi.operation.errors import BadBackup

VARIABLE = "GUANXI_BACKUP_PASSPHRASE"


def add_argument(parser: CommandParser) -> None:
    """Offer to name the file."""
    told = f"seal with the pass phrase in this file (or in {VARIABLE})"
    parser.add_argument("--passphrase-file", type=Path, help=told)


def given(file: Path | None) -> str:
    """Read it; nothing where none was given."""
    if file is None:
        return os.environ.get(VARIABLE, "")
    try:
        text = file.read_text().strip()
    except OSError as error:
        raise BadBackup(f"{file}: {error.strerror}.") from error
    if not text:
        raise BadBackup(f"{file} holds no pass phrase.")
    return text
