"""One message to one URL: which address is connected to, in whose name, and what is made of the answer."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.network.resolver import Resolve, resolve
from service.webhooks.deliveries.sender import Attempt, Sender, parse_url, tls_context
from tests.webhooks.receivers import Receiver, Writer, answer, respond_with

HEADERS = {"webhook-id": "evt_1"}


def build_resolver(*rounds: Sequence[str]) -> tuple[Resolve, list[str]]:
    """A name server that answers differently each time, and who asked."""
    names: list[str] = []

    async def look_up(host: str, _: int) -> Sequence[str]:
        names.append(host)
        return rounds[min(len(names), len(rounds)) - 1]

    return look_up, names


async def send(url: str, *, local: bool = True, resolve: Resolve = resolve, times: int = 1) -> list[Attempt]:
    sender = Sender(url, local=local, seconds=2, resolve=resolve)
    try:
        return [await sender.post(b'{"data":{}}', HEADERS) for _ in range(times)]
    finally:
        await sender.aclose()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001"])
async def test_this_machine_is_refused_by_whatever_name(receiver: Receiver, host: str) -> None:
    [attempt] = await send(f"http://{host}:{receiver.port}/", local=False)
    assert attempt.status is None
    assert "the server itself" in str(attempt.error) or "gaierror" in str(attempt.error)
    assert receiver.received == []


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"])
async def test_this_machine_is_refused_by_its_ipv6_addresses(receiver: Receiver, host: str) -> None:
    [attempt] = await send(f"http://{host}:{receiver.port}/", local=False)
    assert (attempt.status, receiver.received) == (None, [])


@pytest.mark.parametrize(
    "url", ["https://0177.0.0.1/", "https://[::1/", "https://[10.0.0.1]/", "https://a:b/", "https://"]
)
def test_what_is_no_url_to_send_to_is_known_before(url: str) -> None:
    assert parse_url(url) is None


async def test_one_address_that_is_not_public_is_enough_to_refuse(receiver: Receiver) -> None:
    look_up, _ = build_resolver(["127.0.0.1", "10.0.0.1"])
    [attempt] = await send(f"http://receiver.example:{receiver.port}/", resolve=look_up)
    assert attempt.error == "Nothing was sent: 10.0.0.1 is not a public address."
    assert receiver.received == []


async def test_a_name_that_points_elsewhere_after_it_was_judged_changes_nothing(receiver: Receiver) -> None:
    look_up, names = build_resolver(["127.0.0.1"], ["10.0.0.1"])
    attempts = await send(f"http://receiver.example:{receiver.port}/hook", resolve=look_up, times=3)
    assert [each.status for each in attempts] == [204, 204, 204]
    assert names == ["receiver.example"]
    assert {message.headers["host"] for message in receiver.received} == {f"receiver.example:{receiver.port}"}


async def test_rebound_between_two_sendings_it_is_judged_again(receiver: Receiver) -> None:
    look_up, _ = build_resolver(["127.0.0.1"], ["169.254.169.254"])
    url = f"http://receiver.example:{receiver.port}/"
    [first], [second] = await send(url, resolve=look_up), await send(url, resolve=look_up)
    assert (first.status, second.status) == (204, None)
    assert "169.254.169.254" in str(second.error)


async def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    look_up, _ = build_resolver(["127.0.0.9", "127.0.0.1"])  # nobody listens at the first
    [attempt] = await send(f"http://receiver.example:{receiver.port}/", resolve=look_up)
    assert attempt.status == 204


async def test_the_next_address_is_tried_when_one_says_nothing_at_all(receiver: Receiver) -> None:
    look_up, _ = build_resolver(["127.0.0.9", "127.0.0.1"])
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.9", receiver.port))
        deaf.listen(0)
        for waiting in (first, second):  # they fill its queue, and who comes next is not even refused
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        [attempt] = await send(f"http://receiver.example:{receiver.port}/", resolve=look_up)
    assert attempt.status == 204


async def test_a_name_that_nobody_has_is_an_error_and_no_crash() -> None:
    async def look_up(_: str, __: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    [attempt] = await send("http://nobody.example/", resolve=look_up)
    assert attempt.error == "gaierror: [Errno -2] Name or service not known"


async def test_a_name_that_cannot_be_looked_up_is_an_error_and_no_crash() -> None:
    [attempt] = await send(f"http://{'a' * 64}.example/")
    assert str(attempt.error).startswith("UnicodeError")


@pytest.mark.parametrize(
    ("status", "accepted"),
    [(200, True), (201, True), (204, True), (299, True), (300, False), (304, False), (404, False), (503, False)],
)
async def test_any_2xx_is_a_yes_and_nothing_else_is(receiver: Receiver, status: int, accepted: bool) -> None:
    receiver.behavior = respond_with(status)
    [attempt] = await send(receiver.url)
    assert (attempt.status, attempt.accepted) == (status, accepted)


async def test_no_proxy_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    [attempt] = await send(receiver.url)
    assert attempt.status == 204


async def test_a_cookie_is_not_sent_back(receiver: Receiver) -> None:
    async def bake(message: object, writer: Writer) -> None:
        await answer(writer, 200, set_cookie="who=you")

    receiver.behavior = bake
    await send(receiver.url, times=2)
    assert ["cookie" in message.headers for message in receiver.received] == [False, False]


def build_tls_contexts(directory: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for this name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = directory / "server.pem"
    file.write_bytes(certificate.public_bytes(pem) + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=certificate.public_bytes(pem).decode())


@asynccontextmanager
async def open_tls_server(context: ssl.SSLContext) -> AsyncIterator[tuple[int, list[str | None]]]:
    """Its port, and the names that clients asked for."""
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        await reader.readuntil(b"{}}")
        await answer(writer, 204)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], names


async def test_tls_is_spoken_with_the_name_and_not_with_the_address(tmp_path: Path) -> None:
    server, client = build_tls_contexts(tmp_path, "receiver.example")
    look_up, _ = build_resolver(["127.0.0.1"])
    async with open_tls_server(server) as (port, names):
        right, wrong, untrusting = (
            Sender(f"https://{name}:{port}/", local=True, seconds=2, resolve=look_up, tls=tls)
            for name, tls in (
                ("receiver.example", lambda: client),
                ("other.example", lambda: client),
                ("receiver.example", tls_context),
            )
        )
        attempts = [await sender.post(b"{}}", HEADERS) for sender in (right, wrong, untrusting)]
        for sender in (right, wrong, untrusting):
            await sender.aclose()
    assert names[:2] == ["receiver.example", "other.example"]
    assert [each.status for each in attempts] == [204, None, None]
    assert all("CERTIFICATE_VERIFY_FAILED" in str(each.error) for each in attempts[1:])


async def test_the_names_of_this_machine_are_looked_up() -> None:
    addresses = await resolve("localhost", 80)
    assert addresses
    assert all(ipaddress.ip_address(text).is_loopback for text in addresses)
