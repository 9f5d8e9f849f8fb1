"""Run a command on a PostgreSQL of its own: `python -m tests.postgres pytest …`.

A cluster is made in a temporary directory, serves one port of this machine without fsync while the command runs, and is
gone afterwards. Without PostgreSQL the command is left out with a sentence; under CI=true that is a failure.

For measuring, `python -m tests.postgres --durable python -m benchmarks.collect` leaves PostgreSQL as it comes: it
waits for the disk.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "log_min_messages": "fatal",
}
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE = "--durable"
USER = "guanxi-tests"


def programs() -> Path | None:
    """Find the directory of initdb and postgres, the newest where there are several."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return newest.parent if newest else None


def runner() -> pwd.struct_passwd | None:
    """Find who runs the server: PostgreSQL refuses root, so root takes another user, made where there is none."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", USER):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    subprocess.run(["useradd", "--system", "--no-create-home", USER], check=True)
    return pwd.getpwnam(USER)


@contextmanager
def cluster(bin_dir: Path, settings: dict[str, str]) -> Iterator[str]:
    """Serve an empty cluster and give the URL of its one database."""
    home = Path(tempfile.mkdtemp(prefix="guanxi-postgres-"))
    who = runner()
    if who:
        os.chown(home, who.pw_uid, who.pw_gid)
    rights = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
    password, port = secrets.token_hex(12), free_port()
    server = None
    try:
        initialise(bin_dir, home, password, rights)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [bin_dir / "postgres", "-D", home / "data", "-p", str(port), *options]
        server = subprocess.Popen(command, cwd=home, stdin=subprocess.DEVNULL, **rights)
        wait_for(port, server)
        yield f"postgresql://guanxi:{password}@127.0.0.1:{port}/postgres"
    finally:
        if server:
            stop(server)
        shutil.rmtree(home, ignore_errors=True)


def initialise(bin_dir: Path, home: Path, password: str, rights: dict[str, object]) -> None:
    """Make the cluster's files."""
    secret = home / "password"
    secret.write_text(password)
    if rights:
        os.chown(secret, rights["user"], rights["group"])  # type: ignore[arg-type]
    secret.chmod(0o600)
    subprocess.run(
        [bin_dir / "initdb", "-D", home / "data", "-U", "guanxi", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
         "--auth=scram-sha-256", f"--pwfile={secret}"],
        check=True, cwd=home, stdout=subprocess.DEVNULL, **rights,  # type: ignore[call-overload]
    )  # fmt: skip


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server takes connections."""
    for _ in range(300):
        if server.poll() is not None:
            sys.exit(f"PostgreSQL ended at once, with {server.returncode}.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("PostgreSQL did not start within 30 seconds.")


def stop(server: "subprocess.Popen[bytes]") -> None:
    """End the server: quickly, and by force where that does not help."""
    for kind in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(kind)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            continue
        return


def main(command: list[str]) -> int:
    """Run the command, and end with its exit code."""
    bin_dir = programs()
    if bin_dir is None:
        print("PostgreSQL left out: there is no initdb on PATH or under /usr/lib/postgresql.")
        return 1 if os.environ.get("CI") == "true" else 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    durable = command[:1] == [DURABLE]
    with cluster(bin_dir, SETTINGS if durable else SETTINGS | QUICK) as url:
        command = command[durable:]
        return subprocess.run(command, check=False, env={**os.environ, "GUANXI_DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
