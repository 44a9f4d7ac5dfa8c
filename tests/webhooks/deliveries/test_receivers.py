"""Receivers that hang, redirect, refuse, say too much or want no more, and messages that somebody else has written."""

import asyncio

from tests.datasets.example_bodies import Json, ok
from tests.datasets.import_files import tables_follow_from_the_log
from tests.webhooks.delivery_worker import WebhookScenario, run_workers
from tests.webhooks.receivers import Message, Receiver, Writer, answer, hang, open_receiver, respond_with, ten_gigabytes


async def test_a_receiver_that_hangs_is_not_waited_for_and_the_others_go_on(scenario: WebhookScenario) -> None:
    other = Receiver()
    other.accept_all()
    await other.listen()
    webhook = await scenario.create_webhook()
    await scenario.create_webhook(url=other.url)
    scenario.receiver.secret = ""
    scenario.receiver.behavior = hang
    await scenario.add_examples(20)
    seqs = await scenario.list_new_seqs()
    async with run_workers(scenario.engine):
        await scenario.wait_until(lambda: set(seqs) <= set(other.seqs))
        [row, *_] = await list_failed(scenario, webhook)
    await other.close()
    assert (row["answer"], row["error"]) == (None, "No response within 0.5 seconds.")
    assert (await scenario.get_webhook(webhook))["standing"]["failing_since"] is not None


async def list_failed(scenario: WebhookScenario, webhook: Json) -> list[Json]:
    """Its failed deliveries, once there are some."""
    rows: list[Json] = []
    while not rows:
        rows = await scenario.list_deliveries(webhook, state="failed")
    return rows


async def test_a_redirect_is_not_followed(scenario: WebhookScenario) -> None:
    trap = Receiver()
    trap.accept_all()
    await trap.listen()
    webhook = await scenario.create_webhook()
    scenario.receiver.behavior = respond_with(307, location=trap.url)
    await scenario.create_task()
    async with run_workers(scenario.engine):
        [row, *_] = await list_failed(scenario, webhook)
    await trap.close()
    assert (row["answer"]["status"], trap.received) == (307, [])


async def test_of_ten_gigabytes_the_first_kibibyte_is_read(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook()
    scenario.receiver.behavior = ten_gigabytes
    await scenario.create_task()
    async with run_workers(scenario.engine):
        await scenario.wait_for_webhook(
            webhook, lambda webhook: webhook["standing"] and webhook["standing"]["accepted_at"]
        )
    [row] = await scenario.list_deliveries(webhook)
    assert (row["state"], row["answer"]["body"]) == ("accepted", "x" * 1_024)


async def test_410_disables_at_once_and_active_again_it_is_told_what_it_missed(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook(order="log")
    scenario.receiver.behavior = respond_with(410)
    await scenario.add_examples(20)
    seqs = await scenario.list_new_seqs()
    async with run_workers(scenario.engine):
        current = await scenario.wait_for_webhook(webhook, lambda webhook: not webhook["active"])
        assert current["notice"]["why"] == "gone"
        received = len(scenario.receiver.received)
        await scenario.create_task()
        await asyncio.sleep(0.7)
        assert len(scenario.receiver.received) == received
        scenario.receiver.accept_all()
        changed = await scenario.update_webhook(webhook, active=True)
        await scenario.wait_until_accepted(await scenario.list_new_seqs())
    assert (changed["active"], changed["notice"]) == (True, None)
    assert scenario.receiver.seqs == await scenario.list_new_seqs()
    assert scenario.receiver.seqs[: len(seqs)] == seqs
    history = await ok(await scenario.api.get(f"/v1/webhooks/{webhook['id']}/history"))
    assert [entry["type"] for entry in history["data"]] == ["WebhookCreated", "WebhookDisabled", "WebhookChanged"]
    assert history["data"][1]["actor"] == "tuneledger"
    await tables_follow_from_the_log(scenario.engine)


async def test_nothing_but_failures_for_too_long_disables(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook()
    scenario.receiver.behavior = respond_with(500)
    await scenario.create_task()
    async with run_workers(scenario.engine, webhooks_disable_after=3):
        current = await scenario.wait_for_webhook(webhook, lambda webhook: not webhook["active"])
    assert current["notice"]["why"] == "failing"
    assert "No message was accepted since" in current["notice"]["detail"]
    assert len(scenario.receiver.received) > 2


async def test_a_forged_message_is_refused_by_the_verifier(scenario: WebhookScenario) -> None:
    await scenario.create_webhook()
    await scenario.create_task()
    async with run_workers(scenario.engine):
        await scenario.wait_until_accepted(await scenario.list_new_seqs())
    message, secret = scenario.receiver.accepted[0], scenario.receiver.secret
    assert message.is_signed_with(secret)
    message.body = message.body.replace(b'"seq":', b'"seq":1')
    assert not message.is_signed_with(secret)


async def test_another_webhook_is_told_that_one_was_disabled(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook()
    scenario.receiver.behavior = respond_with(410)
    async with open_receiver() as other:
        await scenario.create_webhook(url=other.url, types=["WebhookDisabled"])
        scenario.receiver.secret = ""
        await scenario.create_task()
        async with run_workers(scenario.engine):
            await scenario.wait_until(lambda: len(other.accepted) == 1)
    assert (other.accepted[0].json["type"], other.accepted[0].stream) == ("WebhookDisabled", webhook["id"])


async def test_what_is_sent_again_is_signed_anew_and_otherwise_the_same(scenario: WebhookScenario) -> None:
    """The verifier takes no message that was signed more than five minutes ago."""
    await scenario.create_webhook()

    async def second_time(message: Message, writer: Writer) -> None:
        again = len(scenario.receiver.received) > 1
        await (scenario.receiver.accept(message, writer) if again else answer(writer, 503))

    scenario.receiver.behavior = second_time
    await scenario.create_task()
    async with run_workers(scenario.engine, webhooks_retry_schedule="1.1"):
        await scenario.wait_until_accepted(await scenario.list_new_seqs())
    first, second = scenario.receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert int(first.headers["webhook-timestamp"]) < int(second.headers["webhook-timestamp"])
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
