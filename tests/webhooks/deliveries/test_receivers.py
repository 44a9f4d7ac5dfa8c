"""Receivers that hang, redirect, refuse, say too much or want no more, and messages that somebody else has written."""

import asyncio

from tests.datasets.example_bodies import Json, ok
from tests.datasets.import_files import tables_follow_from_the_log
from tests.webhooks.delivery_worker import Desk, working
from tests.webhooks.receivers import Message, Receiver, Writer, answer, hang, receiving, saying, ten_gigabytes


async def test_a_receiver_that_hangs_is_not_waited_for_and_the_others_go_on(desk: Desk) -> None:
    other = Receiver()
    other.accept_all()
    await other.listen()
    webhook = await desk.hook()
    await desk.hook(url=other.url)
    desk.receiver.secret = ""
    desk.receiver.behaviour = hang
    await desk.examples(20)
    wanted = await desk.news()
    async with working(desk.engine):
        await desk.until(lambda: set(wanted) <= set(other.seqs))
        [row, *_] = await wait_for(desk, webhook)
    await other.close()
    assert (row["answer"], row["error"]) == (None, "No answer within 0.5 seconds.")
    assert (await desk.read(webhook))["standing"]["failing_since"] is not None


async def wait_for(desk: Desk, webhook: Json) -> list[Json]:
    """Its failed deliveries, once there are some."""
    rows: list[Json] = []
    while not rows:
        rows = await desk.deliveries(webhook, state="failed")
    return rows


async def test_a_redirect_is_not_followed(desk: Desk) -> None:
    trap = Receiver()
    trap.accept_all()
    await trap.listen()
    webhook = await desk.hook()
    desk.receiver.behaviour = saying(307, location=trap.url)
    await desk.task()
    async with working(desk.engine):
        [row, *_] = await wait_for(desk, webhook)
    await trap.close()
    assert (row["answer"]["status"], trap.received) == (307, [])


async def test_of_ten_gigabytes_the_first_kibibyte_is_read(desk: Desk) -> None:
    webhook = await desk.hook()
    desk.receiver.behaviour = ten_gigabytes
    await desk.task()
    async with working(desk.engine):
        await desk.becomes(webhook, lambda found: found["standing"] and found["standing"]["accepted_at"])
    [row] = await desk.deliveries(webhook)
    assert (row["state"], row["answer"]["body"]) == ("accepted", "x" * 1_024)


async def test_410_disables_at_once_and_active_again_it_is_told_what_it_missed(desk: Desk) -> None:
    webhook = await desk.hook(order="log")
    desk.receiver.behaviour = saying(410)
    await desk.examples(20)
    wanted = await desk.news()
    async with working(desk.engine):
        shown = await desk.becomes(webhook, lambda found: not found["active"])
        assert shown["notice"]["why"] == "gone"
        received = len(desk.receiver.received)
        await desk.task()
        await asyncio.sleep(0.7)
        assert len(desk.receiver.received) == received
        desk.receiver.accept_all()
        changed = await desk.change(webhook, active=True)
        await desk.told(await desk.news())
    assert (changed["active"], changed["notice"]) == (True, None)
    assert desk.receiver.seqs == await desk.news()
    assert desk.receiver.seqs[: len(wanted)] == wanted
    history = await ok(await desk.api.get(f"/v1/webhooks/{webhook['id']}/history"))
    assert [entry["type"] for entry in history["data"]] == ["WebhookCreated", "WebhookDisabled", "WebhookChanged"]
    assert history["data"][1]["actor"] == "tuneledger"
    await tables_follow_from_the_log(desk.engine)


async def test_nothing_but_failures_for_too_long_disables(desk: Desk) -> None:
    webhook = await desk.hook()
    desk.receiver.behaviour = saying(500)
    await desk.task()
    async with working(desk.engine, webhooks_disable_after=0.5):
        shown = await desk.becomes(webhook, lambda found: not found["active"])
    assert shown["notice"]["why"] == "failing"
    assert "No message was accepted since" in shown["notice"]["detail"]
    assert len(desk.receiver.received) > 2


async def test_a_forged_message_is_refused_by_the_verifier(desk: Desk) -> None:
    await desk.hook()
    await desk.task()
    async with working(desk.engine):
        await desk.told(await desk.news())
    message, secret = desk.receiver.accepted[0], desk.receiver.secret
    assert message.verified_by(secret)
    message.body = message.body.replace(b'"seq":', b'"seq":1')
    assert not message.verified_by(secret)


async def test_another_webhook_is_told_that_one_was_disabled(desk: Desk) -> None:
    webhook = await desk.hook()
    desk.receiver.behaviour = saying(410)
    async with receiving() as other:
        await desk.hook(url=other.url, types=["WebhookDisabled"])
        desk.receiver.secret = ""
        await desk.task()
        async with working(desk.engine):
            await desk.until(lambda: len(other.accepted) == 1)
    assert (other.accepted[0].json["type"], other.accepted[0].stream) == ("WebhookDisabled", webhook["id"])


async def test_what_is_sent_again_is_signed_anew_and_otherwise_the_same(desk: Desk) -> None:
    """The verifier takes no message that was signed more than five minutes ago."""
    await desk.hook()

    async def second_time(message: Message, writer: Writer) -> None:
        again = len(desk.receiver.received) > 1
        await (desk.receiver.accept(message, writer) if again else answer(writer, 503))

    desk.receiver.behaviour = second_time
    await desk.task()
    async with working(desk.engine, webhooks_retry_schedule="1.1"):
        await desk.told(await desk.news())
    first, second = desk.receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert int(first.headers["webhook-timestamp"]) < int(second.headers["webhook-timestamp"])
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
