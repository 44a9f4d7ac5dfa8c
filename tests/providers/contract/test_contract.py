"""What every adapter owes to the rest of Tuneledger, each against its provider's emulator."""

import asyncio
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from service.errors import ProviderUnavailable
from service.providers.abilities import HostedModel, ModelFinder, Provider, TrainingFile
from service.providers.adapters import connect
from service.providers.kinds import TRAITS
from service.providers.provider import FINISHED, JobSpec, Refused, RemoteJob, State, Unreachable
from service.providers.traits import IDEMPOTENT
from tests.providers.conftest import write_training_file
from tests.providers.contract.emulated import Emulated

TOKEN = "0192aaaa-7000-7000-8000-00000000000a"


@pytest.fixture
def file(emulated: Emulated, tmp_path: Path) -> TrainingFile:
    written = write_training_file(tmp_path, emulated.content)
    return msgspec.structs.replace(written, name=f"train-{written.digest}.jsonl", format=emulated.format)


@pytest.fixture
async def order(emulated: Emulated, provider: Provider, file: TrainingFile) -> JobSpec:
    return emulated.build_order(TOKEN, await provider.upload(file))


async def until(emulated: Emulated, provider: Provider, job_id: str, *states: State) -> RemoteJob:
    async with asyncio.timeout(30):
        while (job := await provider.job(job_id)).state not in states:
            emulated.advance(0.1)
            await asyncio.sleep(0.02)
    return job


async def test_the_account_is_checked(provider: Provider) -> None:
    await provider.check()


async def test_a_tuned_model_is_found_by_its_name(emulated: Emulated, provider: Provider, order: JobSpec) -> None:
    assert isinstance(provider, ModelFinder)
    job = await until(emulated, provider, (await provider.submit(order)).id, "succeeded")
    found = await provider.find_model(job.model or "")
    assert found == HostedModel(name=job.model or "", base_model=job.base_model)
    assert await provider.find_model(f"{(job.model or '')[:-1]}~") is None


async def test_a_secret_that_is_refused_is_refused_for_good(emulated: Emulated, provider: Provider) -> None:
    emulated.faults.add(".*", times=5, **emulated.unauthorized)
    with pytest.raises(Refused) as refused:
        await provider.check()
    assert emulated.account.secret not in refused.value.detail


async def test_a_file_is_found_again_by_its_name_and_deleted(provider: Provider, file: TrainingFile) -> None:
    assert await provider.find_file(file) is None
    reference = await provider.upload(file)
    assert await provider.find_file(file) == reference
    await provider.delete_file(reference)
    await provider.delete_file(reference)
    assert await provider.find_file(file) is None


async def test_a_file_whose_response_was_lost_is_found(
    emulated: Emulated, provider: Provider, file: TrainingFile
) -> None:
    emulated.faults.add(emulated.calls["upload"], drop="after")
    with pytest.raises(Unreachable):
        await provider.upload(file)
    assert await provider.find_file(file) is not None


async def test_a_job_lives_from_its_creation_to_its_model(
    emulated: Emulated, provider: Provider, order: JobSpec
) -> None:
    job = await provider.submit(order)
    assert job.state not in FINISHED
    ended = await until(emulated, provider, job.id, *FINISHED)
    assert (ended.id, ended.state, ended.error) == (job.id, "succeeded", None)
    assert ended.model
    assert (await provider.states([job.id])).get(job.id, ended).state == "succeeded"


async def test_news_come_once_and_go_on_from_the_cursor(emulated: Emulated, provider: Provider, order: JobSpec) -> None:
    job = await until(emulated, provider, (await provider.submit(order)).id, *FINISHED)
    first = await provider.news(job, cursor=None)
    assert first.troubles == ()
    if TRAITS[emulated.account.kind].events:
        assert first.events
    again = await provider.news(job, cursor=first.cursor)
    assert again.events == ()
    assert [point.step for point in first.metrics] == sorted({point.step for point in first.metrics})


async def test_a_job_that_fails_says_why(emulated: Emulated, provider: Provider, order: JobSpec) -> None:
    emulated.set_ending("failed")
    job = await until(emulated, provider, (await provider.submit(order)).id, *FINISHED)
    assert (job.state, job.model) == ("failed", None)
    assert job.error
    assert job.error.message


async def test_a_cancelled_job_ends_and_cancelling_again_is_no_crash(
    emulated: Emulated, provider: Provider, order: JobSpec
) -> None:
    job = await provider.submit(order)
    await provider.cancel(job.id)
    assert (await until(emulated, provider, job.id, *FINISHED)).state == "cancelled"


async def test_a_cancelled_job_may_still_succeed(emulated: Emulated, provider: Provider, order: JobSpec) -> None:
    emulated.set_ending("cancelled_then_succeeded")
    job = await provider.submit(order)
    assert (await provider.cancel(job.id)).state not in FINISHED
    assert (await until(emulated, provider, job.id, *FINISHED)).state == "succeeded"


async def test_an_unknown_status_is_running_and_keeps_its_word(
    emulated: Emulated, provider: Provider, order: JobSpec
) -> None:
    job = await provider.submit(order)
    emulated.set_status(job.id, "REBALANCING")
    seen = await provider.job(job.id)
    assert (seen.state, seen.raw_status) == ("running", "REBALANCING")


@pytest.mark.parametrize("call", ["create", "read"])
async def test_a_busy_provider_says_how_long_to_wait(
    emulated: Emulated, provider: Provider, order: JobSpec, call: str
) -> None:
    job = await provider.submit(order) if call == "read" else None
    emulated.faults.add(emulated.calls[call], **emulated.busy)  # type: ignore[index]
    with pytest.raises(Unreachable) as busy:
        await (provider.job(job.id) if job else provider.submit(order))
    assert (busy.value.retry_after, busy.value.because, busy.value.undone) == (7.0, "busy", True)
    assert emulated.count_jobs(TOKEN) == (1 if job else 0)


async def test_an_account_without_quota_is_refused_for_good(
    emulated: Emulated, provider: Provider, order: JobSpec
) -> None:
    emulated.faults.add(emulated.calls["create"], **emulated.no_quota)
    with pytest.raises(Refused):
        await provider.submit(order)


async def test_a_job_whose_response_was_dropped_is_one_job(
    emulated: Emulated, provider: Provider, order: JobSpec
) -> None:
    emulated.faults.add(emulated.calls["create"], drop="after")
    with pytest.raises(Unreachable) as dropped:
        await provider.submit(order)
    assert not dropped.value.undone
    await finds_one(emulated, provider, order)


async def test_a_job_whose_response_came_late_is_one_job(
    emulated: Emulated, provider: Provider, order: JobSpec
) -> None:
    hasty = connect(msgspec.structs.replace(emulated.account, timeout_seconds=0.3))
    emulated.faults.add(emulated.calls["create"], delay=0.8)
    with pytest.raises(Unreachable) as late:
        await hasty.submit(order)
    await hasty.aclose()
    assert not late.value.undone
    await finds_one(emulated, provider, order)


async def finds_one(emulated: Emulated, provider: Provider, order: JobSpec) -> None:
    if TRAITS[emulated.account.kind].identity in IDEMPOTENT:
        job = await provider.submit(order)
    else:
        lookup = await provider.find(TOKEN)
        assert lookup.complete
        [job] = lookup.jobs
    assert emulated.count_jobs(TOKEN) == 1
    assert (await provider.job(job.id)).id == job.id


async def test_nothing_is_sent_where_nobody_answers(emulated: Emulated, order: JobSpec) -> None:
    nowhere = connect(msgspec.structs.replace(emulated.account, base_url="http://127.0.0.1:9"))
    with pytest.raises(Unreachable) as unreachable:
        await nowhere.submit(order)
    await nowhere.aclose()
    assert unreachable.value.undone


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"<html>ok</html>", b'{"data": 5}'])
async def test_a_malformed_response_is_no_response(
    emulated: Emulated, provider: Provider, order: JobSpec, content: bytes
) -> None:
    emulated.faults.add(emulated.calls["create"], content=content)
    with pytest.raises(Unreachable) as unreadable:
        await provider.submit(order)
    assert not unreadable.value.undone


async def test_a_job_is_found_among_ten_thousand(emulated: Emulated, provider: Provider, order: JobSpec) -> None:
    job = await provider.submit(order)
    emulated.add_jobs(10_000)
    lookup = await provider.find(TOKEN)
    assert [each.id for each in lookup.jobs] == [job.id]
    assert set(await provider.states([job.id])) <= {job.id}
    assert (await provider.find("0192aaaa-7000-7000-8000-00000000000b")).jobs == ()


async def test_a_list_without_end_proves_nothing(emulated: Emulated, provider: Provider) -> None:
    emulated.make_endless()
    with suppress(ProviderUnavailable):
        assert not (await provider.find(TOKEN)).complete
    assert await provider.states(["no-such-job"]) == {}
