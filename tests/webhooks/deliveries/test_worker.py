"""Delivery over the wire: each event once, in order, whatever receivers do.

Receivers and workers that are killed are those of tests/consumers.
"""

import asyncio
from collections import defaultdict

import asyncpg
import pytest

from service.database.engine import create_engine
from tests.datasets.example_bodies import ok
from tests.datasets.import_files import tables_follow_from_the_log
from tests.tcp_proxy import break_connections
from tests.webhooks.delivery_worker import Desk, working
from tests.webhooks.receivers import Message, Receiver, Writer, answer


def in_order_of_streams(receiver: Receiver) -> bool:
    """Within each stream, and after repeats were dropped."""
    streams: dict[str, list[int]] = defaultdict(list)
    for message in {each.id: each for each in receiver.accepted[::-1]}.values():
        streams[message.stream].append(message.seq)
    return all(seqs[::-1] == sorted(seqs) for seqs in streams.values())


async def test_a_thousand_events_come_once_each_in_order_and_signed(desk: Desk) -> None:
    webhook = await desk.hook(order="log")
    await desk.examples(950)
    await desk.edit(await desk.task(), range(50))
    wanted = await desk.news()
    async with working(desk.engine):
        await desk.told(wanted)
        shown = await desk.becomes(webhook, lambda found: found["standing"]["reached"] == wanted[-1])
    assert len(wanted) > 1_000
    assert [message.seq for message in desk.receiver.received] == wanted
    one = desk.receiver.accepted[-1]
    event = await ok(await desk.api.get(f"/v1/events/{one.seq}"))
    thin = {"id": event["stream_id"], "seq": event["seq"]}
    assert one.json == {"id": one.id, "type": event["type"], "timestamp": event["recorded_at"], "data": thin}
    assert one.request == "POST /hook?from=ledger HTTP/1.1"
    assert one.headers["host"] == f"127.0.0.1:{desk.receiver.port}"
    assert (one.headers["content-type"], one.headers["user-agent"]) == ("application/json", "Tuneledger")
    assert (shown["standing"]["held"], shown["standing"]["failing_since"]) == ([], None)
    await tables_follow_from_the_log(desk.engine)


async def test_workers_share_the_endpoints_and_send_nothing_twice(desk: Desk) -> None:
    await desk.hook()
    await desk.examples(300)
    wanted = await desk.news()
    async with working(desk.engine, workers=4):
        await desk.told(wanted)
        await asyncio.sleep(1)
    assert sorted(message.seq for message in desk.receiver.received) == wanted


@pytest.mark.parametrize(("order", "most"), [("stream", 8), ("log", 1)])
async def test_so_many_resources_are_told_at_the_same_time(desk: Desk, order: str, most: int) -> None:
    at_once: list[int] = [0]

    async def behave(message: Message, writer: Writer) -> None:
        at_once.append(at_once[-1] + 1)
        await asyncio.sleep(0.05)
        await desk.receiver.accept(message, writer)
        at_once.append(at_once[-1] - 1)

    desk.receiver.behaviour = behave
    await desk.hook(order=order)
    await desk.examples(20)
    async with working(desk.engine):
        await desk.told(await desk.news())
    assert max(at_once) == most


async def test_what_breaks_between_a_worker_and_the_database_loses_nothing(
    desk: Desk, clones: asyncpg.Connection, database_url: str
) -> None:
    await desk.hook(order="log")
    await desk.examples(600)
    wanted = await desk.news()
    engine = create_engine(database_url, application_name="worker")
    async with working(engine, lease_seconds=0.5):
        await desk.until(lambda: len(desk.receiver.accepted) > 50)
        assert await break_connections(clones, database_url, "worker")
        await desk.told(wanted)
    await engine.dispose()
    assert desk.receiver.seqs == wanted


async def test_only_the_types_asked_for_come(desk: Desk) -> None:
    await desk.hook(types=["TaskEdited", "DatasetCreated"])
    await desk.examples(20)
    await desk.edit(await desk.task(), range(3))
    wanted = await desk.news()
    async with working(desk.engine):
        await desk.told([wanted[0], wanted[-1]])
    assert [message.json["type"] for message in desk.receiver.accepted] == ["DatasetCreated"] + 3 * ["TaskEdited"]


async def test_what_is_answered_500_is_sent_again_until_it_is_accepted(desk: Desk) -> None:
    webhook = await desk.hook()
    tries: dict[str, int] = defaultdict(int)

    async def third_time(message: Message, writer: Writer) -> None:
        tries[message.id] += 1
        if tries[message.id] < 3:
            await answer(writer, 500, b"not yet", x_mood="bad")
        else:
            await desk.receiver.accept(message, writer)

    desk.receiver.behaviour = third_time
    await desk.edit(await desk.task(), range(4))
    wanted = await desk.news()
    async with working(desk.engine):
        await desk.told(wanted)
        await desk.becomes(webhook, lambda found: not found["standing"]["held"])
    assert desk.receiver.seqs == wanted
    assert set(tries.values()) == {3}
    rows = await desk.deliveries(webhook, seq=wanted[1])
    assert [(row["attempt"], row["state"]) for row in rows] == [(3, "accepted"), (2, "failed"), (1, "failed")]
    assert rows[2]["answer"]["status"] == 500
    assert rows[2]["answer"]["body"] == "not yet"
    assert rows[2]["answer"]["headers"]["x-mood"] == "bad"
    assert len({row["message_id"] for row in rows}) == 1
    assert rows[2]["next_attempt_at"] > rows[2]["sent_at"]


async def test_an_event_that_is_never_accepted_holds_up_its_own_stream_alone(desk: Desk) -> None:
    webhook = await desk.hook()
    first, second = await desk.task("first"), await desk.task("second")
    await desk.edit(first, range(3))
    poisoned = (await desk.news())[-3]

    async def behave(message: Message, writer: Writer) -> None:
        await (answer(writer, 500) if message.seq == poisoned else desk.receiver.accept(message, writer))

    desk.receiver.behaviour = behave
    await desk.edit(second, range(3))
    await desk.edit(first, [7])
    wanted = await desk.news()
    waiting = [poisoned, poisoned + 1, poisoned + 2, wanted[-1]]
    async with working(desk.engine):
        await desk.told([seq for seq in wanted if seq not in waiting])
        shown = await desk.becomes(webhook, lambda found: found["standing"]["held"])
        assert [(held["stream_id"], held["seq"]) for held in shown["standing"]["held"]] == [(first, poisoned)]
        assert not {message.seq for message in desk.receiver.accepted} & set(waiting)
        desk.receiver.accept_all()
        await desk.told(waiting)
    assert sorted(desk.receiver.seqs) == wanted
    assert in_order_of_streams(desk.receiver)


async def test_in_the_order_of_the_log_everything_waits_for_it(desk: Desk) -> None:
    await desk.hook(order="log")
    await desk.examples(30)
    poisoned = (await desk.news())[10]

    async def behave(message: Message, writer: Writer) -> None:
        await (answer(writer, 500) if message.seq == poisoned else desk.receiver.accept(message, writer))

    desk.receiver.behaviour = behave
    wanted = await desk.news()
    async with working(desk.engine):
        await desk.until(lambda: sum(message.seq == poisoned for message in desk.receiver.received) > 3)
        assert desk.receiver.seqs == wanted[:10]
        desk.receiver.accept_all()
        await desk.told(wanted)
    assert desk.receiver.seqs == wanted


async def test_a_replay_tells_again_with_the_same_ids(desk: Desk) -> None:
    webhook = await desk.hook(order="log")
    await desk.examples(30)
    wanted = await desk.news()
    async with working(desk.engine):
        await desk.told(wanted)
        before = {message.seq: message.id for message in desk.receiver.accepted}
        desk.receiver.accepted.clear()
        replay = {"from_seq": wanted[20], "reason": "lost a day"}
        await ok(await desk.api.post(f"/v1/webhooks/{webhook['id']}/replay", json=replay))
        await desk.told(wanted[20:])
    again = [message for message in desk.receiver.accepted if message.seq in wanted]
    assert [message.seq for message in again] == wanted[20:]
    assert all(before[message.seq] == message.id for message in again)


async def test_a_replay_goes_back_before_the_webhook_was_made(desk: Desk) -> None:
    await desk.task()
    webhook = await desk.hook(order="log")
    await ok(await desk.api.post(f"/v1/webhooks/{webhook['id']}/replay", json={"from_seq": 1}))
    async with working(desk.engine):
        await desk.told(wanted := await desk.since(0))
    assert desk.receiver.seqs == wanted


async def test_while_secrets_overlap_both_verify_and_afterwards_the_new_one_alone(desk: Desk) -> None:
    webhook = await desk.hook()
    old, path = desk.receiver.secret, f"/v1/webhooks/{webhook['id']}/rotate-secret"
    desk.receiver.secret = ""
    async with working(desk.engine):
        second = (await ok(await desk.api.post(path, json={"overlap_seconds": 3_600})))["secret"]
        one = await after_all_else(desk, "one")
        third = (await ok(await desk.api.post(path, json={"overlap_seconds": 0})))["secret"]
        last = await after_all_else(desk, "last")
    assert [one.verified_by(secret) for secret in (old, second, third)] == [True, True, False]
    assert [last.verified_by(secret) for secret in (old, second, third)] == [False, False, True]
    assert not one.verified_by("whsec_" + "A" * 43 + "=")


async def after_all_else(desk: Desk, name: str) -> Message:
    """The message of something that happens when all before was told."""
    await desk.told(await desk.news())
    await desk.task(name)
    await desk.told(await desk.news())
    return desk.receiver.accepted[-1]


async def test_a_test_is_sent_once_also_to_one_that_is_not_active(desk: Desk) -> None:
    webhook = await desk.hook(active=False)
    asked = await desk.api.post(f"/v1/webhooks/{webhook['id']}/test")
    assert (asked.status_code, asked.json()["state"]) == (202, "pending")
    assert asked.headers["Location"] == f"/v1/deliveries/{asked.json()['id']}"
    await desk.task()
    async with working(desk.engine):
        sent = await desk.answered(asked.json())
    assert (sent["state"], sent["kind"], sent["answer"]["status"]) == ("accepted", "test", 204)
    [message] = desk.receiver.accepted
    assert message.json["type"] == "WebhookTest"
    assert message.json["data"] == {"id": webhook["id"], "seq": 0}


async def test_a_redelivery_is_the_same_message_sent_once_more(desk: Desk) -> None:
    webhook = await desk.hook()
    await desk.task()
    async with working(desk.engine):
        last = (await desk.news())[-1]
        await desk.becomes(webhook, lambda found: found["standing"] and found["standing"]["reached"] == last)
        [row] = await desk.deliveries(webhook)
        again = await ok(await desk.api.post(f"/v1/deliveries/{row['id']}/redeliver"))
        sent = await desk.answered(again)
    assert (sent["kind"], sent["state"], sent["message_id"]) == ("redelivery", "accepted", row["message_id"])
    assert desk.receiver.accepted[-1].body == desk.receiver.accepted[0].body


async def test_a_deleted_webhook_is_told_nothing_more(desk: Desk) -> None:
    webhook = await desk.hook()
    async with working(desk.engine):
        await desk.task()
        await desk.told(await desk.news())
        await ok(await desk.api.delete(f"/v1/webhooks/{webhook['id']}"))
        await asyncio.sleep(0.5)  # a round that was on its way may still tell of the deletion
        before = await desk.news()
        await desk.task("other")
        await asyncio.sleep(0.8)
    assert {message.seq for message in desk.receiver.received} <= set(before)
    assert (await desk.api.get(f"/v1/webhooks/{webhook['id']}")).status_code == 404
    await tables_follow_from_the_log(desk.engine)
