"""Delivery over the wire: each event once, in order, whatever receivers do.

Receivers and workers that are killed are those of tests/consumers.
"""

import asyncio
from collections import defaultdict

import asyncpg
import pytest

from service.database.engine import create_engine
from tests.database_failures import break_connections
from tests.datasets.example_bodies import ok
from tests.datasets.import_files import tables_follow_from_the_log
from tests.webhooks.delivery_worker import WebhookScenario, run_workers
from tests.webhooks.receivers import Message, Receiver, Writer, answer


def is_in_stream_order(receiver: Receiver) -> bool:
    """Within each stream, and after repeats were dropped."""
    streams: dict[str, list[int]] = defaultdict(list)
    for message in {each.id: each for each in receiver.accepted[::-1]}.values():
        streams[message.stream].append(message.seq)
    return all(seqs[::-1] == sorted(seqs) for seqs in streams.values())


async def test_a_thousand_events_come_once_each_in_order_and_signed(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook(order="log")
    await scenario.add_examples(950)
    await scenario.edit_task(await scenario.create_task(), range(50))
    seqs = await scenario.list_new_seqs()
    async with run_workers(scenario.engine):
        await scenario.wait_until_accepted(seqs)
        current = await scenario.wait_for_webhook(webhook, lambda webhook: webhook["standing"]["reached"] == seqs[-1])
    assert len(seqs) > 1_000
    assert [message.seq for message in scenario.receiver.received] == seqs
    one = scenario.receiver.accepted[-1]
    event = await ok(await scenario.api.get(f"/v1/events/{one.seq}"))
    thin = {"id": event["stream_id"], "seq": event["seq"]}
    assert one.json == {"id": one.id, "type": event["type"], "timestamp": event["recorded_at"], "data": thin}
    assert one.request == "POST /hook?from=ledger HTTP/1.1"
    assert one.headers["host"] == f"127.0.0.1:{scenario.receiver.port}"
    assert (one.headers["content-type"], one.headers["user-agent"]) == ("application/json", "Tuneledger")
    assert (current["standing"]["held"], current["standing"]["failing_since"]) == ([], None)
    await tables_follow_from_the_log(scenario.engine)


async def test_workers_share_the_endpoints_and_send_nothing_twice(scenario: WebhookScenario) -> None:
    await scenario.create_webhook()
    await scenario.add_examples(300)
    seqs = await scenario.list_new_seqs()
    async with run_workers(scenario.engine, workers=4):
        await scenario.wait_until_accepted(seqs)
        await asyncio.sleep(1)
    assert sorted(message.seq for message in scenario.receiver.received) == seqs


@pytest.mark.parametrize(("order", "most"), [("stream", 8), ("log", 1)])
async def test_so_many_resources_are_told_at_the_same_time(scenario: WebhookScenario, order: str, most: int) -> None:
    at_once: list[int] = [0]

    async def behave(message: Message, writer: Writer) -> None:
        at_once.append(at_once[-1] + 1)
        await asyncio.sleep(0.05)
        await scenario.receiver.accept(message, writer)
        at_once.append(at_once[-1] - 1)

    scenario.receiver.behavior = behave
    await scenario.create_webhook(order=order)
    await scenario.add_examples(20)
    async with run_workers(scenario.engine):
        await scenario.wait_until_accepted(await scenario.list_new_seqs())
    assert max(at_once) == most


async def test_what_breaks_between_a_worker_and_the_database_loses_nothing(
    scenario: WebhookScenario, clones: asyncpg.Connection, database_url: str
) -> None:
    await scenario.create_webhook(order="log")
    await scenario.add_examples(600)
    seqs = await scenario.list_new_seqs()
    engine = create_engine(database_url, application_name="worker")
    async with run_workers(engine, lease_seconds=0.5):
        await scenario.wait_until(lambda: len(scenario.receiver.accepted) > 50)
        assert await break_connections(clones, database_url, "worker")
        await scenario.wait_until_accepted(seqs)
    await engine.dispose()
    assert scenario.receiver.seqs == seqs


async def test_only_the_types_asked_for_come(scenario: WebhookScenario) -> None:
    await scenario.create_webhook(types=["TaskEdited", "DatasetCreated"])
    await scenario.add_examples(20)
    await scenario.edit_task(await scenario.create_task(), range(3))
    seqs = await scenario.list_new_seqs()
    async with run_workers(scenario.engine):
        await scenario.wait_until_accepted([seqs[0], seqs[-1]])
    assert [message.json["type"] for message in scenario.receiver.accepted] == ["DatasetCreated"] + 3 * ["TaskEdited"]


async def test_what_is_answered_500_is_sent_again_until_it_is_accepted(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook()
    tries: dict[str, int] = defaultdict(int)

    async def third_time(message: Message, writer: Writer) -> None:
        tries[message.id] += 1
        if tries[message.id] < 3:
            await answer(writer, 500, b"not yet", x_mood="bad")
        else:
            await scenario.receiver.accept(message, writer)

    scenario.receiver.behavior = third_time
    await scenario.edit_task(await scenario.create_task(), range(4))
    seqs = await scenario.list_new_seqs()
    async with run_workers(scenario.engine):
        await scenario.wait_until_accepted(seqs)
        await scenario.wait_for_webhook(webhook, lambda webhook: not webhook["standing"]["held"])
    assert scenario.receiver.seqs == seqs
    assert set(tries.values()) == {3}
    rows = await scenario.list_deliveries(webhook, seq=seqs[1])
    assert [(row["attempt"], row["state"]) for row in rows] == [(3, "accepted"), (2, "failed"), (1, "failed")]
    assert rows[2]["answer"]["status"] == 500
    assert rows[2]["answer"]["body"] == "not yet"
    assert rows[2]["answer"]["headers"]["x-mood"] == "bad"
    assert len({row["message_id"] for row in rows}) == 1
    assert rows[2]["next_attempt_at"] > rows[2]["sent_at"]


async def test_an_event_that_is_never_accepted_holds_up_its_own_stream_alone(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook()
    first, second = await scenario.create_task("first"), await scenario.create_task("second")
    await scenario.edit_task(first, range(3))
    failing_seq = (await scenario.list_new_seqs())[-3]

    async def behave(message: Message, writer: Writer) -> None:
        await (answer(writer, 500) if message.seq == failing_seq else scenario.receiver.accept(message, writer))

    scenario.receiver.behavior = behave
    await scenario.edit_task(second, range(3))
    await scenario.edit_task(first, [7])
    seqs = await scenario.list_new_seqs()
    waiting = [failing_seq, failing_seq + 1, failing_seq + 2, seqs[-1]]
    async with run_workers(scenario.engine):
        await scenario.wait_until_accepted([seq for seq in seqs if seq not in waiting])
        current = await scenario.wait_for_webhook(webhook, lambda webhook: webhook["standing"]["held"])
        assert [(held["stream_id"], held["seq"]) for held in current["standing"]["held"]] == [(first, failing_seq)]
        assert not {message.seq for message in scenario.receiver.accepted} & set(waiting)
        scenario.receiver.accept_all()
        await scenario.wait_until_accepted(waiting)
    assert sorted(scenario.receiver.seqs) == seqs
    assert is_in_stream_order(scenario.receiver)


async def test_in_the_order_of_the_log_everything_waits_for_it(scenario: WebhookScenario) -> None:
    await scenario.create_webhook(order="log")
    await scenario.add_examples(30)
    failing_seq = (await scenario.list_new_seqs())[10]

    async def behave(message: Message, writer: Writer) -> None:
        await (answer(writer, 500) if message.seq == failing_seq else scenario.receiver.accept(message, writer))

    scenario.receiver.behavior = behave
    seqs = await scenario.list_new_seqs()
    async with run_workers(scenario.engine):
        await scenario.wait_until(lambda: sum(message.seq == failing_seq for message in scenario.receiver.received) > 3)
        assert scenario.receiver.seqs == seqs[:10]
        scenario.receiver.accept_all()
        await scenario.wait_until_accepted(seqs)
    assert scenario.receiver.seqs == seqs


async def test_a_replay_tells_again_with_the_same_ids(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook(order="log")
    await scenario.add_examples(30)
    seqs = await scenario.list_new_seqs()
    async with run_workers(scenario.engine):
        await scenario.wait_until_accepted(seqs)
        before = {message.seq: message.id for message in scenario.receiver.accepted}
        scenario.receiver.accepted.clear()
        replay = {"from_seq": seqs[20], "reason": "lost a day"}
        await ok(await scenario.api.post(f"/v1/webhooks/{webhook['id']}/replay", json=replay))
        await scenario.wait_until_accepted(seqs[20:])
    again = [message for message in scenario.receiver.accepted if message.seq in seqs]
    assert [message.seq for message in again] == seqs[20:]
    assert all(before[message.seq] == message.id for message in again)


async def test_a_replay_goes_back_before_the_webhook_was_made(scenario: WebhookScenario) -> None:
    await scenario.create_task()
    webhook = await scenario.create_webhook(order="log")
    await ok(await scenario.api.post(f"/v1/webhooks/{webhook['id']}/replay", json={"from_seq": 1}))
    async with run_workers(scenario.engine):
        await scenario.wait_until_accepted(seqs := await scenario.list_seqs(0))
    assert scenario.receiver.seqs == seqs


async def test_while_secrets_overlap_both_verify_and_afterwards_the_new_one_alone(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook()
    old, path = scenario.receiver.secret, f"/v1/webhooks/{webhook['id']}/rotate-secret"
    scenario.receiver.secret = ""
    async with run_workers(scenario.engine):
        second = (await ok(await scenario.api.post(path, json={"overlap_seconds": 3_600})))["secret"]
        one = await send_last(scenario, "one")
        third = (await ok(await scenario.api.post(path, json={"overlap_seconds": 0})))["secret"]
        last = await send_last(scenario, "last")
    assert [one.is_signed_with(secret) for secret in (old, second, third)] == [True, True, False]
    assert [last.is_signed_with(secret) for secret in (old, second, third)] == [False, False, True]
    assert not one.is_signed_with("whsec_" + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")


async def send_last(scenario: WebhookScenario, name: str) -> Message:
    """The message of something that happens when all before was told."""
    await scenario.wait_until_accepted(await scenario.list_new_seqs())
    await scenario.create_task(name)
    await scenario.wait_until_accepted(await scenario.list_new_seqs())
    return scenario.receiver.accepted[-1]


async def test_a_test_is_sent_once_also_to_one_that_is_not_active(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook(active=False)
    response = await scenario.api.post(f"/v1/webhooks/{webhook['id']}/test")
    assert (response.status_code, response.json()["state"]) == (202, "pending")
    assert response.headers["Location"] == f"/v1/deliveries/{response.json()['id']}"
    await scenario.create_task()
    async with run_workers(scenario.engine):
        sent = await scenario.wait_for_delivery(response.json())
    assert (sent["state"], sent["kind"], sent["answer"]["status"]) == ("accepted", "test", 204)
    [message] = scenario.receiver.accepted
    assert message.json["type"] == "WebhookTest"
    assert message.json["data"] == {"id": webhook["id"], "seq": 0}


async def test_a_redelivery_is_the_same_message_sent_once_more(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook()
    await scenario.create_task()
    async with run_workers(scenario.engine):
        last = (await scenario.list_new_seqs())[-1]
        await scenario.wait_for_webhook(
            webhook, lambda webhook: webhook["standing"] and webhook["standing"]["reached"] == last
        )
        [row] = await scenario.list_deliveries(webhook)
        again = await ok(await scenario.api.post(f"/v1/deliveries/{row['id']}/redeliver"))
        sent = await scenario.wait_for_delivery(again)
    assert (sent["kind"], sent["state"], sent["message_id"]) == ("redelivery", "accepted", row["message_id"])
    assert scenario.receiver.accepted[-1].body == scenario.receiver.accepted[0].body


async def test_a_deleted_webhook_is_told_nothing_more(scenario: WebhookScenario) -> None:
    webhook = await scenario.create_webhook()
    async with run_workers(scenario.engine):
        await scenario.create_task()
        await scenario.wait_until_accepted(await scenario.list_new_seqs())
        await ok(await scenario.api.delete(f"/v1/webhooks/{webhook['id']}"))
        await asyncio.sleep(0.5)  # a round that was on its way may still tell of the deletion
        before = await scenario.list_new_seqs()
        await scenario.create_task("other")
        await asyncio.sleep(0.8)
    assert {message.seq for message in scenario.receiver.received} <= set(before)
    assert (await scenario.api.get(f"/v1/webhooks/{webhook['id']}")).status_code == 404
    await tables_follow_from_the_log(scenario.engine)
