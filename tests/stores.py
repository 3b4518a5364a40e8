"""Real stores for tests: redis-server on a socket of its own, and ways to spoil it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import redis

__all__ = ["RedisServer", "running_redis"]

_START_SECONDS = 20.0


@dataclass
class RedisServer:
    """A server that can be stopped, held up, and looked into."""

    folder: Path
    options: tuple[str, ...]
    process: subprocess.Popen[bytes]

    @property
    def socket(self) -> str:
        return str(self.folder / "s")

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=self.socket)

    def dump(self) -> bytes:
        """Return every key and value that it holds, one behind the other."""
        with self.client() as client:
            parts = []
            for key in client.scan_iter("*"):
                kind = client.type(key)
                held = client.hgetall(key) if kind == b"hash" else client.get(key)
                parts += [key, repr(held).encode() if isinstance(held, dict) else held or b""]
            return b"\n".join(parts)

    def hold(self) -> None:
        """Let it take connections, and answer nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        """Start it again, with nothing in it."""
        self.process = _started(self.folder, self.options)


@contextmanager
def running_redis(*options: str) -> Iterator[RedisServer]:
    """Run a server that keeps nothing on disk and listens on no port."""
    # The names of sockets may not be long, which those of a test's own folder are.
    folder = Path(mkdtemp(prefix="swb-redis-"))
    server = RedisServer(folder, options, _started(folder, options))
    try:
        yield server
    finally:
        server.go_on()
        server.stop()
        shutil.rmtree(folder)


def _started(folder: Path, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
    socket = folder / "s"
    socket.unlink(missing_ok=True)
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", ""]
    process = subprocess.Popen(
        [*command, "--dir", str(folder), *options], stdout=subprocess.DEVNULL, cwd=folder
    )
    until = time.monotonic() + _START_SECONDS
    with redis.Redis(unix_socket_path=str(socket)) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if process.poll() is not None or time.monotonic() > until:
                    process.kill()
                    raise
                time.sleep(0.01)
            else:
                return process
