"""The adapter for Together against the emulator."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest

from service.providers.abilities import DeploymentSpec, TrainingFile, WeightFile
from service.providers.provider import JobSpec, Refused, RemoteJob, Unreachable
from service.providers.together.together_adapter import TogetherProvider
from tests.emulators.together import TogetherEmulator
from tests.providers.together.conftest import CHAT, PREFERENCE, account_at

MODEL = "Qwen/Qwen3-8B"
Write = Callable[..., TrainingFile]


def order(file_id: str, **given: object) -> JobSpec:
    return JobSpec(**({"base_model": MODEL, "training_file": file_id, "token": "token-1"} | given))  # type: ignore[arg-type]


async def submit(provider: TogetherProvider, write_file: Write, **given: object) -> RemoteJob:
    return await provider.submit(order(await provider.upload(write_file()), **given))


async def finish(provider: TogetherProvider, emulator: TogetherEmulator, job: RemoteJob) -> RemoteJob:
    emulator.clock.advance(20)
    return await provider.job(job.id)


async def test_an_account_is_checked_by_its_jobs_and_models(
    provider: TogetherProvider, emulator: TogetherEmulator
) -> None:
    assert MODEL in (await provider.check()).models
    emulator.secret = "another"
    with pytest.raises(Refused, match="Invalid API key") as refused:
        await provider.check()
    assert (refused.value.provider_status, refused.value.provider_code) == (401, "invalid_api_key")


async def test_a_file_is_announced_sent_and_checked(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    file = write_file()
    assert await provider.find_file(file) is None
    file_id = await provider.upload(file)
    assert emulator.files.stored[file_id].content == file.path.read_bytes()
    assert await provider.find_file(file) == file_id


async def test_the_same_content_is_sent_once(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    first = await provider.upload(write_file())
    assert await provider.upload(write_file(name="again.jsonl")) == first
    assert sum(count for call, count in emulator.faults.done.items() if call.startswith("PUT")) == 1


async def test_a_file_whose_upload_broke_off_is_sent_anew(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    emulator.faults.add("PUT /storage/.*", drop="before")
    with pytest.raises(Unreachable):
        await provider.upload(write_file())
    file_id = await provider.upload(write_file())
    assert [file.id for file in emulator.files.stored.values()] == [file_id]


async def test_a_lost_answer_to_the_last_step_needs_no_second_upload(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    emulator.faults.add("POST /v1/files/.*/preprocess", drop="after")
    with pytest.raises(Unreachable):
        await provider.upload(write_file())
    await provider.upload(write_file())
    assert sum(count for call, count in emulator.faults.done.items() if call.startswith("PUT")) == 1


async def test_two_workers_that_send_the_same_content_share_one_file(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    emulator.faults.add("PUT /storage/.*", delay=0.5)
    first, second = await asyncio.gather(provider.upload(write_file()), provider.upload(write_file()))
    assert first == second
    assert sum(count for call, count in emulator.faults.calls.items() if call.startswith("PUT")) == 1


@pytest.mark.parametrize(("call", "status"), [("PUT /storage/.*", 403), ("POST .*/preprocess", 404), ("GET .*", 404)])
async def test_an_upload_whose_file_or_address_is_gone_begins_anew(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write, call: str, status: int
) -> None:
    emulator.faults.add(call, status=status)
    with pytest.raises(Unreachable):
        await provider.upload(write_file())
    await provider.upload(write_file())


async def test_a_bad_file_is_refused_in_the_words_of_the_report(provider: TogetherProvider, write_file: Write) -> None:
    bad = write_file(CHAT, {"messages": [{"content": "no role"}]}, times=1)
    with pytest.raises(Refused, match=r"Line 2: messages\[0\] must contain a role field") as refused:
        await provider.upload(bad)
    assert refused.value.provider_code == "INVALID_FORMAT"


async def test_a_check_without_an_end_is_no_failure(emulator: TogetherEmulator, write_file: Write) -> None:
    emulator.files.stuck = True
    provider = TogetherProvider(account_at(emulator, timeout_seconds=0.5))
    with pytest.raises(Unreachable, match="still processing"):
        await provider.upload(write_file())
    await provider.aclose()


@pytest.mark.parametrize("location", ["http://10.0.0.1/x", "ftp://127.0.0.1/x", "http://169.254.169.254/x", "", "/x"])
async def test_a_file_is_sent_to_no_address_that_is_not_allowed(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write, location: str
) -> None:
    headers = {"Location": location, "X-Together-File-Id": "file-1"}
    emulator.faults.add("POST /v1/files", status=302, headers=headers)
    with pytest.raises(Refused):
        await provider.upload(write_file())


async def test_files_are_deleted_once_and_again(provider: TogetherProvider, write_file: Write) -> None:
    file_id = await provider.upload(write_file())
    await provider.delete_file(file_id)
    await provider.delete_file(file_id)
    assert await provider.find_file(write_file()) is None


async def test_a_job_is_found_by_the_token_in_its_suffix(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file, suffix="a-name-that-is-longer-than-the-rest-of-it")
    [body] = emulator.jobs.bodies
    assert body["suffix"].startswith("a-name-that-is-longer-t-")
    assert len(body["suffix"]) == 40
    found = await provider.find("token-1")
    assert ([each.id for each in found.jobs], found.complete) == ([job.id], True)
    assert (await provider.find("token-2")).jobs == ()


async def test_a_job_whose_answer_was_lost_is_found(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    file_id = await provider.upload(write_file())
    emulator.faults.add("POST /v1/fine-tunes", drop="after")
    with pytest.raises(Unreachable):
        await provider.submit(order(file_id))
    assert len((await provider.find("token-1")).jobs) == 1


async def test_two_jobs_with_one_token_are_both_found_the_older_first(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    first = await submit(provider, write_file)
    emulator.clock.advance(1)
    second = await submit(provider, write_file)
    assert [job.id for job in (await provider.find("token-1")).jobs] == [first.id, second.id]


async def test_an_entry_that_cannot_be_read_leaves_doubt_and_hides_no_other(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file)
    content = b'{"data": [7, {"status": "running"}, {"id": "%s", "suffix": 5, "token_count": 12.0}]}' % job.id.encode()
    emulator.faults.add("GET /v1/fine-tunes", times=2, content=content)
    assert (await provider.find("token-1")).complete is False
    assert (await provider.states([job.id]))[job.id].trained_tokens == 12


async def test_hyperparameters_are_nested_as_together_wants_them(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    await submit(
        provider,
        write_file,
        seed=7,
        hyperparameters={
            "n_epochs": 3,
            "learning_rate": 0.0001,
            "lr_scheduler_type": "linear",
            "min_lr_ratio": 0.1,
            "training_type": "Lora",
            "lora_r": 16,
            "lora_dropout": 0.05,
            "train_on_inputs": False,
        },
    )
    [body] = emulator.jobs.bodies
    assert body["training_type"] == {"type": "Lora", "lora_r": 16, "lora_alpha": 32, "lora_dropout": 0.05}
    assert body["training_method"] == {"method": "sft", "train_on_inputs": False}
    assert body["lr_scheduler"] == {"lr_scheduler_type": "linear", "lr_scheduler_args": {"min_lr_ratio": 0.1}}
    assert (body["n_epochs"], body["learning_rate"], body["random_seed"]) == (3, 0.0001, 7)
    assert not {"lora_r", "min_lr_ratio", "train_on_inputs"} & body.keys()


async def test_lora_without_a_rank_gets_that_of_the_model(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    await submit(provider, write_file, hyperparameters={"lora_dropout": 0.1})
    assert emulator.jobs.bodies[0]["training_type"]["lora_r"] == 8


async def test_preferences_are_trained_by_dpo(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    file_id = await provider.upload(write_file(PREFERENCE))
    await provider.submit(order(file_id, method="dpo", hyperparameters={"dpo_beta": 0.2}))
    await provider.submit(order(file_id, method="dpo", token="token-2", hyperparameters={"simpo_gamma": 0.5}))
    dpo, simpo = (body["training_method"] for body in emulator.jobs.bodies)
    assert dpo == {"method": "dpo", "dpo_beta": 0.2}
    assert simpo["dpo_reference_free"]
    assert simpo["dpo_normalize_logratios_by_length"]
    with pytest.raises(Refused, match="needs a dataset of CONVERSATION"):
        await provider.submit(order(file_id))


async def test_a_validation_file_is_evaluated_as_often_as_early_stopping_needs(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    valid = await provider.upload(write_file(CHAT, name="valid.jsonl", times=3))
    stopping = {"n_epochs": 2, "early_stopping_enabled": True}
    for given in ({"n_epochs": 2}, stopping, {"n_evals": 9}):
        await submit(provider, write_file, validation_file=valid, hyperparameters=given)
    assert [body["n_evals"] for body in emulator.jobs.bodies] == [2, 4, 9]


async def test_a_checkpoint_is_gone_on_from_without_naming_its_model(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    first = await submit(provider, write_file)
    second = await submit(provider, write_file, start_from=f"{first.id}:3", token="token-2")
    assert "model" not in emulator.jobs.bodies[1]
    assert second.base_model == MODEL


async def test_the_key_of_the_tracker_is_sent_and_never_repeated(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    tracker = {"wandb": {"api_key": "wandb-very-secret", "project": "tunes", "name": "first"}}
    job = await submit(provider, write_file, extra=tracker)
    body = emulator.jobs.bodies[0]
    assert (body["wandb_api_key"], body["wandb_project_name"], body["wandb_name"]) == (
        *("wandb-very-secret", "tunes", "first"),
    )
    assert "wandb-very-secret" not in str(await provider.news(job, cursor=None))
    error = {
        "error": {"message": "bad wandb-very-secret", "type": "invalid_request_error", "code": "wandb-very-secret"}
    }
    emulator.faults.add("POST /v1/fine-tunes", status=400, body=error)
    with pytest.raises(Refused) as refused:
        await provider.submit(order(body["training_file"], extra=tracker))
    shown = (refused.value.detail, str(refused.value), refused.value.errors, refused.value.provider_code)
    assert "wandb-very-secret" not in repr(shown)


async def test_the_states_of_many_jobs_take_one_request(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    jobs = [await submit(provider, write_file, token=f"token-{number}") for number in range(5)]
    emulator.clock.advance(5)
    states = await provider.states([job.id for job in jobs] + ["ft-gone"])
    assert {state.state for state in states.values()} == {"running"}
    assert len(states) == 5
    assert emulator.faults.calls["GET /v1/fine-tunes"] == 1


@pytest.mark.parametrize(
    ("second", "raw", "state"),
    [
        *[(0.5, "pending", "pending"), (1.5, "queued", "queued"), (5, "running", "running")],
        *[(12.5, "compressing", "running"), (13.5, "uploading", "running"), (14, "completed", "succeeded")],
    ],
)
async def test_each_status_has_a_state(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write, second: float, raw: str, state: str
) -> None:
    job = await submit(provider, write_file)
    emulator.clock.advance(second)
    seen = await provider.job(job.id)
    assert (seen.raw_status, seen.state) == (raw, state)
    assert (seen.model is not None) == (state == "succeeded")


async def test_a_finished_job_tells_its_model_tokens_and_cost(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file, suffix="math"))
    assert job.model
    assert "math" in job.model
    assert job.trained_tokens == 455
    assert job.cost == Decimal("0.0002184")
    assert job.finished_at is not None
    assert job.steps_done == job.steps_total == 3


async def test_a_failed_job_says_why_also_in_the_list(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    emulator.jobs.outcomes.append("user_error")
    job = await finish(provider, emulator, await submit(provider, write_file))
    assert (job.state, job.raw_status, job.cost is not None) == ("failed", "user_error", True)
    assert job.error
    assert "learning rate" in job.error.message
    assert (await provider.states([job.id]))[job.id].error == job.error


async def test_a_cancelled_job_may_succeed_after_all(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file)
    emulator.clock.advance(5)
    assert (await provider.cancel(job.id)).raw_status == "cancel_requested"
    emulator.clock.advance(2)
    assert (await provider.job(job.id)).state == "cancelled"
    emulator.jobs.settings["stubborn"] = True
    late = await submit(provider, write_file, token="token-2")
    assert (await provider.cancel(late.id)).state == "running"
    assert (await finish(provider, emulator, late)).state == "succeeded"
    with pytest.raises(Refused, match="already completed"):
        await provider.cancel(late.id)


async def test_an_unknown_status_is_running_until_the_log_ends(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    emulator.jobs.settings["odd_status"] = "rebalancing"
    job = await submit(provider, write_file)
    emulator.clock.advance(5)
    seen = await provider.job(job.id)
    assert (seen.state, seen.raw_status) == ("running", "rebalancing")
    ended = b'{"id": "ft-1", "status": "FINISHED", "events": [{"type": "JOB_COMPLETE"}], "model_output_name": "a/m"}'
    emulator.faults.add("GET /v1/fine-tunes/ft-1", content=ended)
    seen = await provider.job("ft-1")
    assert (seen.state, seen.raw_status, seen.model) == ("succeeded", "FINISHED", "a/m")


async def test_a_price_is_told_before_and_the_limit_of_the_account(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    quote = await provider.quote(order(await provider.upload(write_file())))
    assert quote
    assert (quote.amount, quote.currency, quote.tokens, quote.allowed) == (Decimal("0.0002184"), "USD", 455, True)
    assert await provider.quote(order("file-that-is-not-checked")) is None
    answer = b'{"estimation_available": true, "estimated_total_price": 99.5, "allowed_to_proceed": false}'
    emulator.faults.add("POST /v1/fine-tunes/estimate-price", content=answer)
    quote = await provider.quote(order("file-1"))
    assert quote
    assert not quote.allowed


async def test_the_ranges_of_parameters_are_those_of_the_model(provider: TogetherProvider) -> None:
    small = await provider.parameters(MODEL, "supervised")
    large = await provider.parameters("openai/gpt-oss-120b", "dpo")
    assert (small["lora_r"].maximum, large["lora_r"].maximum) == (64, 16)
    assert (small["training_type"].choices, large["training_type"].choices) == (("Lora", "Full"), ("Lora",))
    assert (small["batch_size"].maximum, large["batch_size"].maximum) == (128, 16)
    assert (small["max_seq_length"].maximum, large["max_seq_length"].maximum) == (32768, 16384)
    with pytest.raises(Refused, match="not supported for fine-tuning"):
        await provider.parameters("gpt-4o", "supervised")


async def test_weights_are_listed_and_downloaded(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file, hyperparameters={"n_checkpoints": 3})
    with pytest.raises(Refused, match="not in a completed state"):
        await provider.weights(job.id)
    await finish(provider, emulator, job)
    merged, adapter = await provider.weights(job.id)
    assert adapter.name.endswith("-adapter.tar.zst")
    content = b"".join([chunk async for chunk in provider.read_weights(merged)])
    assert len(content) == merged.bytes
    assert content[:4] == b"\x28\xb5\x2f\xfd"
    [step] = await provider.weights(job.id, checkpoint=f"{job.id}:2")
    assert "step-2" in step.name


async def test_a_download_goes_on_after_a_cut_and_at_a_signed_address(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    [merged, _] = await provider.weights(job.id)
    whole = b"".join([chunk async for chunk in provider.read_weights(merged)])
    emulator.weights.redirects, emulator.weights.cut_after = True, 100_000
    assert b"".join([chunk async for chunk in provider.read_weights(merged)]) == whole


async def test_a_full_training_has_one_archive(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await submit(provider, write_file, hyperparameters={"training_type": "Full"})
    await finish(provider, emulator, job)
    [archive] = await provider.weights(job.id)
    assert archive.name.endswith("-model_output_path.tar.zst")


async def test_a_tuned_model_answers_from_its_own_endpoint(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    asked = [{"role": "user", "content": "hello"}]
    with pytest.raises(Refused, match="dedicated endpoint"):
        await provider.complete(job.model or "", asked)
    spec = DeploymentSpec(model=job.model or "", token="deployment-1", name="Math Tutor", idle_minutes=5)
    deployment = await provider.deploy(spec)
    assert deployment.state == "creating"
    assert deployment.address
    assert deployment.address.startswith("acme/math-tutor-")
    emulator.clock.advance(3)
    assert (await provider.deployment(deployment.id)).state == "ready"
    assert (await provider.complete(deployment.address, asked)).text == "Echo: hello"
    chunks = [chunk async for chunk in provider.stream(deployment.address, asked)]
    assert chunks[-1]["usage"]["completion_tokens"] == 2
    [endpoint] = emulator.endpoints.stored.values()
    body = endpoint.deployments[deployment.id.partition("/")[2]].body
    assert (body["inactiveTimeout"], body["autoscaling"]) == (30, {"minReplicas": 1, "maxReplicas": 1})
    assert body["config"].endswith("cr_01")


async def test_a_deployment_is_made_once_and_can_be_found(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    spec = DeploymentSpec(model=job.model or "", token="deployment-1", name="m", hardware="2xnvidia-h100-80gb")
    assert await provider.find_deployment(spec.token) is None
    emulator.faults.add("POST .*/deployments", drop="before")
    with pytest.raises(Unreachable):
        await provider.deploy(spec)
    deployment = await provider.deploy(spec)
    assert await provider.deploy(spec) == deployment == await provider.find_deployment(spec.token)
    [endpoint] = emulator.endpoints.stored.values()
    assert [each.body["config"][-5:] for each in endpoint.deployments.values()] == ["cr_02"]
    assert deployment.hourly_price == Decimal("7.98")
    with pytest.raises(Refused, match="It has: 1xnvidia-h100-80gb, 2xnvidia-h100-80gb"):
        await provider.deploy(DeploymentSpec(model=job.model or "", token="d-2", name="m", hardware="9xtpu"))


async def test_a_deployment_whose_answer_was_lost_is_found_and_gets_its_requests(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    emulator.faults.add("POST .*/deployments", drop="after")
    with pytest.raises(Unreachable):
        await provider.deploy(DeploymentSpec(model=job.model or "", token="d", name="m"))
    found = await provider.find_deployment("d")
    assert found
    emulator.clock.advance(3)
    assert (await provider.complete(found.address or "", [{"role": "user", "content": "hello"}])).text == "Echo: hello"


async def test_a_checkpoint_can_be_deployed(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file, hyperparameters={"n_checkpoints": 3}))
    deployment = await provider.deploy(DeploymentSpec(model=f"{job.id}:2", token="d", name="m"))
    [endpoint] = emulator.endpoints.stored.values()
    assert endpoint.deployments[deployment.id.partition("/")[2]].body["model"].endswith("s2")
    for unknown in ("acme/nothing", f"{job.id}:99", "ft-nothing:1"):
        with pytest.raises(Refused, match="has no model"):
            await provider.deploy(DeploymentSpec(model=unknown, token="d-2", name="m"))


async def test_fields_of_the_connection_go_into_each_job(emulator: TogetherEmulator, write_file: Write) -> None:
    provider = TogetherProvider(account_at(emulator, extra_body={"hf_output_repo_name": "acme/tuned"}))
    await submit(provider, write_file)
    assert emulator.jobs.bodies[0]["hf_output_repo_name"] == "acme/tuned"
    await provider.aclose()


async def test_the_secret_goes_to_no_other_address(provider: TogetherProvider) -> None:
    with pytest.raises(Refused, match="is no archive"):
        [chunk async for chunk in provider.read_weights(WeightFile(name="x", ref="http://127.0.0.1:9/x"))]


async def test_undeploying_stops_the_costs_then_removes_what_is_left(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    deployment = await provider.deploy(DeploymentSpec(model=job.model or "", token="d", name="m"))
    await provider.undeploy(deployment.id)
    assert (await provider.deployment(deployment.id)).state == "stopping"
    emulator.clock.advance(2)
    assert (await provider.deployment(deployment.id)).state == "stopped"
    again = await provider.deploy(DeploymentSpec(model=job.model or "", token="d", name="m"))
    assert (again.id, again.state) == (deployment.id, "creating")
    for _ in range(3):
        await provider.undeploy(deployment.id)
        emulator.clock.advance(2)
    assert emulator.endpoints.stored == {}


async def test_a_deployment_that_fails_says_why(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    emulator.endpoints.fails = True
    job = await finish(provider, emulator, await submit(provider, write_file))
    deployment = await provider.deploy(DeploymentSpec(model=job.model or "", token="d", name="m"))
    assert (deployment.state, deployment.error) == ("failed", "Timed out waiting for readiness")


async def test_a_model_is_deleted_with_its_job(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    job = await finish(provider, emulator, await submit(provider, write_file))
    assert job.model
    await provider.delete_model(job.model)
    assert emulator.jobs.stored == {}
    assert len(emulator.endpoints.deleted_models) == 2
    await provider.delete_model(job.model)


@pytest.mark.parametrize(("status", "again"), [(400, False), (403, False), (429, True), (500, True), (503, True)])
async def test_errors_say_whether_to_try_again(
    provider: TogetherProvider, emulator: TogetherEmulator, status: int, again: bool
) -> None:
    body = {"error": {"message": f"No, {emulator.secret}.", "type": "t", "param": "model", "code": "some_code"}}
    emulator.faults.add("GET /v1/fine-tunes", status=status, body=body, headers={"Retry-After": "7"})
    with pytest.raises(Unreachable if again else Refused, match=r"No, …\.") as raised:
        await provider.find("token")
    assert isinstance(raised.value, Unreachable | Refused)
    assert (raised.value.provider_code, raised.value.provider_status) == ("some_code", status)
    assert raised.value.retry_after == (7 if again else None)


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"data": 5}', b"[]", b'{"data": [' + b"[" * 100_000])
async def test_an_answer_that_cannot_be_read_counts_as_none(
    provider: TogetherProvider, emulator: TogetherEmulator, content: bytes
) -> None:
    emulator.faults.add("GET /v1/fine-tunes", content=content)
    with pytest.raises(Unreachable, match="could not be read"):
        await provider.find("token")


async def test_a_late_answer_is_no_answer(emulator: TogetherEmulator, write_file: Write) -> None:
    provider = TogetherProvider(account_at(emulator, timeout_seconds=0.5))
    file_id = await provider.upload(write_file())
    emulator.faults.add("POST /v1/fine-tunes", delay=1.0)
    with pytest.raises(Unreachable, match=r"did not respond within 0\.5 seconds"):
        await provider.submit(order(file_id))
    assert len((await provider.find("token-1")).jobs) == 1
    await provider.aclose()
