"""Rows 1 to 7 of the table of faults: there is no connection, or it breaks."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.vendors.http import faulty
from tests.vendors.http.asking import ASK, Hands, Thing, client, paced, unused_origin

from vendors.calls import Call
from vendors.errors import (
    PlatformBadResponseError,
    PlatformCircuitOpenError,
    PlatformTimeoutError,
    PlatformUnreachableError,
    Retry,
    Trips,
)
from vendors.http import Ask
from vendors.http.circuit import BreakerState

GOOD = faulty.ok(b'{"id":1}')


async def test_01_a_refused_connection_is_tried_at_most_three_times() -> None:
    async with client(unused_origin()) as http:
        call = Call.within(5)
        with pytest.raises(PlatformUnreachableError) as caught:
            await http.send(ASK, call)
    assert caught.value.attempts == len(call.log.records) == 3
    assert {record.status for record in call.log.records} == {None}


async def test_01_it_recovers_with_the_first_probe_after_the_platform_is_up() -> None:
    hands, origin = Hands(), unused_origin()
    async with client(origin, monotonic=hands) as http:
        call = Call.within(5)
        while http.health.circuits.get("data") is not BreakerState.OPEN:
            with pytest.raises(PlatformUnreachableError):
                await http.send(ASK, call)
        sent = len(call.log.records)
        with pytest.raises(PlatformCircuitOpenError) as refused:
            await http.send(ASK, call)
        assert (refused.value.attempts, len(call.log.records)) == (0, sent)
        async with faulty.Faulty(GOOD, port=int(origin.rpartition(":")[2])) as platform:
            hands.seconds += 40
            assert (await http.fetch(ASK, Thing, call)).id == 1
            assert len(platform.requests) == 1
        assert http.health.circuits["data"] is BreakerState.CLOSED


async def test_02_an_unknown_host_is_unreachable_and_not_named() -> None:
    async with client("http://no-such-host.invalid") as http:
        with pytest.raises(PlatformUnreachableError) as caught:
            await http.send(ASK, Call.within(5))
    assert caught.value.retry_as is Retry.BACKOFF
    assert "invalid" not in str(caught.value)


async def test_03_a_certificate_nobody_vouches_for_is_refused_once_and_alerted(
    certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    async with faulty.Faulty(GOOD, tls=certificate.server) as platform:
        async with client(platform.origin) as http:
            call = Call.within(5)
            with pytest.raises(PlatformUnreachableError) as caught:
                await http.send(ASK, call)
        assert platform.requests == []
    assert (caught.value.retry_as, caught.value.attempts) == (Retry.NONE, 1)
    assert [one.levelno for one in caplog.records] == [logging.ERROR]


async def test_03_a_ca_file_vouches_for_a_certificate(certificate: Certificate) -> None:
    async with (
        faulty.Faulty(GOOD, tls=certificate.server) as platform,
        client(platform.origin, ca_file=str(certificate.file)) as http,
    ):
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1


@pytest.mark.parametrize("fault", ["expired", "other host"])
async def test_03_a_ca_file_does_not_excuse(fault: str, tmp_path: Path) -> None:
    names = ["other.test"] if fault == "other host" else []
    bad = issue(tmp_path, names=names, days=-1 if fault == "expired" else 1)
    async with (
        faulty.Faulty(GOOD, tls=bad.server) as platform,
        client(platform.origin, ca_file=str(bad.file)) as http,
    ):
        with pytest.raises(PlatformUnreachableError) as caught:
            await http.send(ASK, Call.within(5))
    assert caught.value.attempts == 1


async def test_04_plain_text_where_tls_should_be() -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        await writer.drain()
        writer.close()

    async with served(babble) as origin, client(origin.replace("http:", "https:")) as http:
        with pytest.raises(PlatformUnreachableError) as caught:
            await http.send(ASK, Call.within(5))
    assert (caught.value.retry_as, caught.value.attempts) == (Retry.NONE, 1)


async def test_04_a_handshake_that_stalls_is_tried_once_more() -> None:
    connections = 0

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.read(-1)
        writer.close()

    hasty = paced(connect_seconds=0.25)
    async with (
        served(say_nothing) as origin,
        client(origin.replace("http:", "https:"), hasty) as http,
    ):
        with pytest.raises(PlatformTimeoutError) as caught:
            await http.send(ASK, Call.within(5))
    assert caught.value.attempts == connections == 2


async def test_05_a_connection_that_is_not_accepted_is_tried_once_more() -> None:
    with full_backlog() as origin:
        async with client(origin, paced(connect_seconds=0.25)) as http:
            call = Call.within(5)
            with pytest.raises(PlatformTimeoutError) as caught:
                await http.send(ASK, call)
    assert (caught.value.attempts, caught.value.trips_as) == (2, Trips.CIRCUIT)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("fault", [faulty.reset, faulty.hang_up])
async def test_06_a_break_before_the_answer_is_tried_afresh(
    fault: faulty.Behaviour, method: str
) -> None:
    ask = Ask(endpoint="thing list", path="things", method=method)
    async with faulty.Faulty(fault, fault, GOOD) as platform, client(platform.origin) as http:
        call = Call.within(5)
        assert (await http.fetch(ask, Thing, call)).id == 1
        # What aiohttp would repeat by itself is not: each try is one request, and is noted.
        assert [one.status for one in call.log.records] == [None, None, 200]
        assert len(platform.requests) == 3


async def test_06_a_break_every_time_is_unreachable() -> None:
    async with faulty.Faulty(faulty.reset) as platform, client(platform.origin) as http:
        with pytest.raises(PlatformUnreachableError) as caught:
            await http.send(ASK, Call.within(5))
        assert caught.value.attempts == len(platform.requests) == 3


async def test_06_the_address_is_told_nowhere() -> None:
    """It may hold a key: neither the message nor what a traceback prints has it."""
    ask = Ask(endpoint="thing list", path="things", params=(("api_key", "s3cret"),))
    garbage = faulty.raw(b"garbage")
    async with faulty.Faulty(garbage) as platform, client(platform.origin) as http:
        with pytest.raises(PlatformBadResponseError) as caught:
            await http.send(ask, Call.within(5))
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


async def test_06_what_is_not_idempotent_is_sent_once() -> None:
    ask = Ask(endpoint="tag", path="tags", method="POST", json={"a": 1}, idempotent=False)
    async with faulty.Faulty(faulty.reset, GOOD) as platform, client(platform.origin) as http:
        with pytest.raises(PlatformUnreachableError):
            await http.send(ask, Call.within(5))
        assert len(platform.requests) == 1


async def test_07_connections_closed_between_calls_cost_no_error() -> None:
    closing_ = faulty.answer_and_close(GOOD)
    async with faulty.Faulty(closing_) as platform, client(platform.origin) as http:
        call = Call.within(30)
        for _ in range(200):
            assert (await http.fetch(ASK, Thing, call)).id == 1


async def test_07_a_kept_connection_that_breaks_is_no_failure() -> None:
    """Every second request on a connection meets a reset: the pool's connection was dead."""
    behaviour = faulty.answer_and_reset_next(b'{"id":1}')
    async with faulty.Faulty(behaviour) as platform, client(platform.origin) as http:
        call = Call.within(30)
        for _ in range(8):
            assert (await http.fetch(ASK, Thing, call)).id == 1
        fresh = [one for one in call.log.records if one.attempt == 2]
        assert fresh
        assert all(one.status == 200 for one in fresh)
        assert http.health.circuits["data"] is BreakerState.CLOSED


# -------------------------------------------------------------------------------------- servers


@asynccontextmanager
async def served(
    converse: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Serve connections by a function."""
    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


@contextmanager
def full_backlog() -> Iterator[str]:
    """Listen, but accept nobody: the kernel drops further connections."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, as the server has it and as a client may come to trust it."""

    server: ssl.SSLContext
    file: Path


def issue(folder: Path, names: Sequence[str] = (), days: int = 1) -> Certificate:
    """Make a certificate for the loopback address, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "faulty")])
    start = datetime.now(UTC) - timedelta(days=2)
    alternatives: list[x509.GeneralName] = [x509.DNSName(one) for one in names]
    alternatives = alternatives or [x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(datetime.now(UTC) + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key_file)
    return Certificate(context, file)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return issue(tmp_path)
