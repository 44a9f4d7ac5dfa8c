"""One connection to a receiver: what is made of the bytes that come back, whatever they are."""

import asyncio

import pytest

from service.webhooks.deliveries.sender import Sender
from tests.webhooks.deliveries.test_sender import HEADERS, send
from tests.webhooks.receivers import Receiver, Writer, answer, respond_with


async def test_what_is_no_http_is_an_error_and_no_crash(receiver: Receiver) -> None:
    async def babble(_: object, writer: Writer) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
        writer.close()

    receiver.behavior = babble
    [attempt] = await send(receiver.url)
    assert attempt.status is None
    assert "RemoteProtocolError" in str(attempt.error)


async def test_messages_go_over_one_connection_for_as_long_as_the_receiver_keeps_it(receiver: Receiver) -> None:
    peers: list[object] = []

    async def behave(_: object, writer: Writer) -> None:
        peers.append(writer.get_extra_info("peername"))
        await answer(writer, 200, b"thanks", connection="close" if len(peers) % 3 == 0 else "keep-alive")

    receiver.behavior = behave
    assert [each.body for each in await send(receiver.url, times=7)] == ["thanks"] * 7
    assert [peers.index(peer) for peer in peers] == [0, 0, 0, 3, 3, 3, 6]


async def test_what_nobody_asked_for_is_not_taken_for_the_next_answer(receiver: Receiver) -> None:
    """Some servers send a body with a 204, which has none."""
    writers: list[Writer] = []

    async def behave(_: object, writer: Writer) -> None:
        writers.append(writer)
        await answer(writer, 204)

    receiver.behavior = behave
    sender = Sender(receiver.url, local=True, seconds=2)
    for _ in range(3):
        assert (await sender.post(b'{"data":{}}', HEADERS)).status == 204
        writers[-1].write(b"HTTP/1.1 500 Of nobody\r\n\r\n")
        await asyncio.sleep(0.05)
    await sender.aclose()


@pytest.mark.parametrize(
    ("content", "status", "body"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", 200, "half"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n9", 200, "half"),
        (b"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 103 Soon\r\n\r\nHTTP/1.1 202 OK\r\n\r\n", 202, ""),
        (b"HTTP/1.1 102 Soon\r\n\r\n" * 1_000, None, "RemoteProtocolError"),
        (b"", None, "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\ncontent-le", None, "RemoteProtocolError"),
        (b"HTTP/1.1 101 Other words\r\nupgrade: websocket\r\n\r\n", None, "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\n" + b"x-much: of it\r\n" * 10_000, None, "RemoteProtocolError"),
    ],
)
async def test_a_connection_may_end_anywhere(receiver: Receiver, content: bytes, status: int | None, body: str) -> None:
    async def say(_: object, writer: Writer) -> None:
        writer.write(content)
        writer.close()

    receiver.behavior = say
    [attempt] = await send(receiver.url)
    assert attempt.status == status
    assert body in str(attempt.error) if status is None else attempt.body == body


async def test_a_body_that_never_ends_does_not_undo_what_the_status_said(receiver: Receiver) -> None:
    async def trickle(_: object, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nso far")
        await asyncio.sleep(60)

    receiver.behavior = trickle
    [attempt] = await send(receiver.url)
    assert (attempt.accepted, attempt.body, attempt.error) == (True, "so far", None)


async def test_a_body_in_parts_of_a_byte_is_not_read_to_its_end(receiver: Receiver) -> None:
    async def crumble(_: object, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 2_000)
        await asyncio.sleep(600)

    receiver.behavior = crumble
    sender = Sender(receiver.url, local=True, seconds=600)
    async with asyncio.timeout(60):
        attempt = await sender.post(b'{"data":{}}', HEADERS)
    await sender.aclose()
    assert (attempt.status, attempt.body) == (200, "x" * 1_024)


async def test_bytes_that_are_no_text_are_kept_as_well_as_they_can_be(receiver: Receiver) -> None:
    receiver.behavior = respond_with(500, b"\x00\xff\xfegone", retry_after="120")
    [attempt] = await send(receiver.url)
    assert attempt.body == "\ufffd\ufffd\ufffdgone"
    assert (attempt.accepted, attempt.retry_after) == (False, 120)
