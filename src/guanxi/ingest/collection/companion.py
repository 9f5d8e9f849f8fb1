"""A process that reads deliveries for the one that writes what they say; its module loads nothing by itself."""

import signal
from contextlib import suppress
from multiprocessing.connection import Connection

READY = b"ready"


def serve(pipe: Connection) -> None:
    """Answer sets of deliveries with what they say, until whoever asks is gone; with nothing where that fails."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who presses Ctrl-C ends the other process, and so this one
    import django  # noqa: PLC0415 - a new process begins here

    django.setup()
    from guanxi.ingest.collection.reading import packed, read_all  # noqa: PLC0415 - as above

    pipe.send_bytes(READY)
    with suppress(EOFError, OSError):
        while True:
            received = pipe.recv()
            try:
                answer = packed(read_all(received))
            except Exception:  # noqa: BLE001 - whoever asked reads it again, and says what is wrong
                answer = b""
            pipe.send_bytes(answer)
