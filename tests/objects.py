"""An object store for tests: moto's S3 server, in a child process on a free port of this machine, gone afterwards."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest

from tests.postgres import free_port
from tests.spark import wait_for_port

LEFT_OUT = "moto is not installed: pip install 'moto[s3]' flask flask-cors"
KEY, SECRET = "a-key-of-the-tests", "a-secret-of-the-tests/+="


@dataclass
class Store:
    """A server, and where it listens."""

    endpoint: str
    server: "subprocess.Popen[bytes]"

    def make(self, bucket: str) -> None:
        """Make a bucket."""
        self.client(allow_bucket_creation=True).create_dir(bucket)

    def client(self, **options: Any) -> Any:
        """A client of its own, which sees the server as it is."""
        from pyarrow.fs import S3FileSystem

        return S3FileSystem(
            endpoint_override=self.endpoint, access_key=KEY, secret_key=SECRET, region="us-east-1", **options
        )

    def names(self, bucket: str) -> list[str]:
        """The files of a bucket."""
        from pyarrow.fs import FileSelector

        found = self.client().get_file_info(FileSelector(bucket, recursive=True))
        return sorted(info.path for info in found if info.is_file)


def is_here() -> bool:
    """Tell whether the server is installed."""
    return all(map(find_spec, ("moto", "flask", "flask_cors")))


@contextmanager
def serving(port: int = 0) -> Iterator[Store]:
    """Serve until the block ends."""
    port = port or free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with tempfile.TemporaryFile() as said:
        quiet = {**os.environ, "MOTO_S3_CUSTOM_ENDPOINTS": ""}
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=quiet)
        try:
            wait_for_port(port, server)
            yield Store(f"http://127.0.0.1:{port}", server)
        finally:
            server.kill()
            server.wait()


def use(store: Store, settings: Any, place: str) -> None:
    """Let the lake lie in a bucket of the store."""
    settings.LAKE, settings.LAKE_S3_ENDPOINT = place, store.endpoint
    settings.LAKE_S3_KEY, settings.LAKE_S3_SECRET = KEY, SECRET
    settings.LAKE_S3_REGION, settings.LAKE_S3_VIRTUAL = "us-east-1", False


def needed() -> None:
    """Leave a test out where the server is not installed."""
    if not is_here():
        pytest.skip(LEFT_OUT)
