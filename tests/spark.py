"""A Spark Connect server for tests: Sail, in a child process on a free port of this machine, gone afterwards."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.postgres import free_port

LEFT_OUT = "pysail is not installed: pip install pysail pyspark-client"


def is_here() -> bool:
    """Tell whether server and client are installed."""
    return all(map(find_spec, ("pysail", "pyspark")))


def load_client() -> None:
    """Import the client, which takes a worker of xdist for its own doctests: their main modules have no file."""
    main = sys.modules["__main__"]
    is_bare = not hasattr(main, "__file__")
    if is_bare:
        main.__file__ = __file__
    try:
        import pyspark.sql.connect.session  # noqa: F401
    finally:
        if is_bare:
            del main.__file__


@contextmanager
def sail() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve, and give the address with the process."""
    load_client()
    port = free_port()
    command = [Path(sys.executable).with_name("sail"), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    quiet = {**os.environ, "RUST_LOG": "error"}
    with tempfile.TemporaryFile() as said:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=quiet)
        try:
            wait_for_port(port, server)
            yield f"sc://127.0.0.1:{port}", server
        finally:
            server.kill()
            server.wait()


def wait_for_port(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until a server takes connections."""
    import socket

    for _ in range(600):
        assert server.poll() is None, f"The server ended at once, with {server.returncode}."
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("The server did not start within 30 seconds.")
