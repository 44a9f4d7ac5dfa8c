"""The adapter for training on this machine: processes and folders in place of requests."""

import asyncio
import hashlib
import os
import re
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from service.extras import require_extra
from service.providers.abilities import HostedModel, Lookup, News, TrainingFile, WeightFile
from service.providers.local import local_jobs, trainer_schedule
from service.providers.local.job import RESULT_FOLDER, Device, Hyperparameters, Job, Limits, Rows
from service.providers.local.job_folder import TRAIN_FILE, VALIDATION_FILE, JobFolder, JobRecord, Wish, make_private
from service.providers.local.model_server import Serving
from service.providers.local.served_models import ServedModels
from service.providers.provider import (
    Account,
    AccountCheck,
    Completion,
    JobSpec,
    Refused,
    RemoteJob,
    Unreachable,
    ignore_headers,
)

TOKEN = re.compile(r"[0-9a-f-]{36}")
TUNED = re.compile(r":(?P<token>[0-9a-f-]{36})(?::step-(?P<step>[0-9]{1,9}))?$")
HUB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
CHECKPOINT = re.compile(r"step-(?P<step>[0-9]{1,9})")
# Of a checkpoint, what a model is made of; the rest is the optimizer's.
MODEL_FILES = (".safetensors", ".json", ".jinja", ".model")
STATE_FILES = frozenset({"trainer_state.json", "digests.json"})
PIECE_BYTES = 1 << 20
HTTP_NOT_FOUND = 404
IDLE_MINUTES, NICENESS = 10, 10
GIGABYTE_MB = 1000


class LocalProvider:
    """Tuner, Chat, Pauser, WeightSource, ModelFinder and ModelDeleter on the machine of this process."""

    not_allowed = "Training on this machine is not allowed: its operator has to set TUNELEDGER_LOCAL_DIRECTORY."

    def __init__(self, account: Account) -> None:
        if account.machine is None:
            raise Refused(self.not_allowed)
        wanted = account.options.get("machine", account.machine.label)
        if wanted != account.machine.label:
            raise Unreachable(f"This connection is for the machine {wanted}, and this is {account.machine.label}.")
        self._account, self._machine = account, account.machine
        self._served = ServedModels(self._machine, account)

    async def check(self) -> AccountCheck:
        require_extra("local")
        return AccountCheck(models=await self.base_models())

    async def base_models(self) -> tuple[str, ...]:
        return await asyncio.to_thread(list_models, self._machine.models)

    async def upload(self, file: TrainingFile) -> str:
        return await asyncio.to_thread(self._store, file)

    async def find_file(self, file: TrainingFile) -> str | None:
        path = self._machine.files / f"{file.digest}.jsonl"
        return path.name if path.exists() else None

    async def delete_file(self, reference: str) -> None:
        self._get_file(reference).unlink(missing_ok=True)

    async def find(self, token: str) -> Lookup:
        folder = self._get_folder(token)
        return Lookup(jobs=(await self.job(token),) if folder.exists else ())

    async def submit(self, order: JobSpec) -> RemoteJob:
        """The same order again is the same job: its folder has our token as its name."""
        require_extra("local")
        folder = await asyncio.to_thread(self._create_folder, order)
        await asyncio.to_thread(trainer_schedule.enqueue, self._machine, folder)
        return await self.job(order.token)

    async def job(self, job_id: str) -> RemoteJob:
        await asyncio.to_thread(trainer_schedule.schedule, self._machine)
        return await asyncio.to_thread(self._look, self._require(job_id))

    async def states(self, job_ids: Collection[str]) -> dict[str, RemoteJob]:
        await asyncio.to_thread(trainer_schedule.schedule, self._machine)
        folders = {job_id: self._get_folder(job_id) for job_id in job_ids}
        return {id_: await asyncio.to_thread(self._look, folder) for id_, folder in folders.items() if folder.exists}

    async def news(self, job: RemoteJob, *, cursor: str | None) -> News:
        offset = int(cursor) if cursor and cursor.isdigit() else 0
        return await asyncio.to_thread(self._read_news, job.id, offset)

    async def cancel(self, job_id: str) -> RemoteJob:
        return await self._ask(job_id, "cancel")

    async def pause(self, job_id: str) -> RemoteJob:
        return await self._ask(job_id, "pause")

    async def resume(self, job_id: str) -> RemoteJob:
        return await self._ask(job_id, "none")

    async def weights(self, job_id: str, *, checkpoint: str | None = None) -> tuple[WeightFile, ...]:
        return await asyncio.to_thread(self._list_weights, self._require(job_id), checkpoint)

    async def read_weights(self, file: WeightFile) -> AsyncIterator[bytes]:
        path = (self._machine.jobs / file.ref).resolve()
        if not path.is_relative_to(self._machine.jobs.resolve()) or not path.is_file():
            raise Refused(f"There is no file {file.name} any more.", provider_status=HTTP_NOT_FOUND)
        with path.open("rb") as source:
            while piece := await asyncio.to_thread(source.read, PIECE_BYTES):
                yield piece

    async def find_model(self, model: str) -> HostedModel | None:
        found = TUNED.search(model)
        folder = self._get_folder(found["token"]) if found else None
        if folder is None or not folder.exists:
            return None
        record = await asyncio.to_thread(folder.read_record)
        return HostedModel(name=model, base_model=record.base_model)

    async def delete_model(self, model: str) -> None:
        found = TUNED.search(model)
        if found and not found["step"]:
            folder = self._get_folder(found["token"])
            for path in (folder.result, self._machine.servers / found["token"]):
                await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)

    async def complete(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        options: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
        token: str | None = None,
    ) -> Completion:
        limits = {"max_tokens": max_tokens, "temperature": temperature}
        chat = await self._served.get_chat(*self._choose_model(model))
        return await chat.complete(model, messages, limits=limits, options=options, schema=schema, token=token)

    async def delete_completion(self, token: str) -> None:
        """None is kept."""

    async def find_completion(self, _token: str) -> Completion | None:
        return None

    async def stream(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any] | None = None,
        opened: Callable[[Mapping[str, str]], None] = ignore_headers,
    ) -> AsyncGenerator[dict[str, Any], None]:
        chat = await self._served.get_chat(*self._choose_model(model))
        async for chunk in chat.stream(model, messages, options=options, opened=opened):
            yield chunk

    async def aclose(self) -> None:
        await self._served.aclose()

    async def _ask(self, job_id: str, wish: Wish) -> RemoteJob:
        folder = self._require(job_id)
        await asyncio.to_thread(folder.write_wish, wish)
        return await self.job(job_id)

    def _store(self, file: TrainingFile) -> str:
        make_private(self._machine.files)
        path = self._machine.files / f"{file.digest}.jsonl"
        part = path.with_suffix(f".{os.getpid()}")
        shutil.copyfile(file.path, part)
        part.rename(path)
        return path.name

    def _create_folder(self, order: JobSpec) -> JobFolder:
        folder = self._get_folder(order.token)
        options = self._account.options
        files = {TRAIN_FILE: self._get_file(order.training_file)}
        if order.validation_file:
            files[VALIDATION_FILE] = self._get_file(order.validation_file)
        if not folder.exists and not all(path.exists() for path in files.values()):
            raise Refused("The training file is gone from this machine.", provider_status=HTTP_NOT_FOUND)
        name = f"{Path(order.base_model).name}:{order.suffix or 'tuned'}:{order.token}"
        record = JobRecord(
            token=order.token,
            base_model=order.base_model,
            model=name,
            created_at=datetime.now(UTC),
            cpu_hour=options.get("cpu_hour"),
            gpu_hour=options.get("gpu_hour"),
        )
        make_private(folder.path.parent)
        folder.create(self._build_job(order, files, name), record, files)
        return folder

    def _build_job(self, order: JobSpec, files: Mapping[str, Path], name: str) -> Job:
        options = self._account.options
        if order.method == "reinforcement":
            raise Refused("Reinforcement learning is not done on this machine.")
        device: Device = msgspec.convert(options.get("device", "auto"), Device)
        validation = files.get(VALIDATION_FILE)
        base = self._find_base(order.base_model)
        return Job(
            base=self._name_path(base) if base else order.base_model,
            train=Rows(path=TRAIN_FILE, sha256=files[TRAIN_FILE].stem),
            validation=Rows(path=VALIDATION_FILE, sha256=validation.stem) if validation else None,
            method=order.method,
            hyperparameters=build_hyperparameters(order.hyperparameters),
            limits=build_limits(options),
            seed=order.seed if order.seed is not None else 7,
            start_from=self._name_path(self._find_tuned(order.start_from)) if order.start_from else None,
            models_folder=self._name_path(self._machine.unpacked.absolute()),
            allow_download=options.get("downloads") == "yes",
            hub_url=options.get("hub"),
            device=device,
            threads=int(options.get("threads", 1)),
            nice=NICENESS,
            name=name,
        )

    def _find_base(self, base_model: str) -> Path | None:
        """A file or folder among the operator's models; None for a name on the hub. Raises Refused for another path."""
        if base_model in list_models(self._machine.models):
            return (self._machine.models / base_model).absolute()
        if not HUB_NAME.fullmatch(base_model):
            known = ", ".join(list_models(self._machine.models)) or "none yet"
            raise Refused(
                f"There is no base model {base_model} on this machine. It has: {known}. The operator puts .gguf files"
                f" and folders with safetensors into {self._machine.models}.",
                provider_status=HTTP_NOT_FOUND,
            )
        return None

    def _find_tuned(self, model: str) -> Path:
        found = TUNED.search(model)
        if found is None:
            raise Refused(f"{model} was not trained on this machine.", provider_status=HTTP_NOT_FOUND)
        folder = self._require(found["token"])
        path = folder.find_checkpoint(int(found["step"])) if found["step"] else folder.result
        if path is None or not path.is_dir():
            raise Refused(f"The weights of {model} are not kept any more.", provider_status=HTTP_NOT_FOUND)
        return path.absolute()

    def _look(self, folder: JobFolder) -> RemoteJob:
        alive = folder.is_alive()  # before its lines: what it reported last is then among them
        return self._read_job(folder, alive=alive)

    def _read_job(self, folder: JobFolder, *, alive: bool) -> RemoteJob:
        return local_jobs.build_job(
            folder.read_record(), folder.read_trainer(), wish=folder.read_wish(), alive=alive, now=datetime.now(UTC)
        )

    def _name_path(self, path: Path) -> str:
        """A path as the trainer knows it."""
        return str(path)

    def _find_path(self, name: str) -> str:
        """A path that the trainer named, as it is here."""
        return name

    def _read_news(self, job_id: str, offset: int) -> News:
        folder = self._require(job_id)
        return local_jobs.build_news(folder.read_record(), folder.read_lines(offset), offset=offset)

    def _list_weights(self, folder: JobFolder, checkpoint: str | None) -> tuple[WeightFile, ...]:
        if checkpoint is None:
            done = folder.read_trainer().done
            if done is None or not folder.result.is_dir():
                raise Refused("The weights are not there.", provider_status=HTTP_NOT_FOUND)
            place = f"{folder.path.name}/{RESULT_FOLDER}"
            return tuple(
                WeightFile(name=each.name, ref=f"{place}/{each.name}", bytes=each.bytes, digest=each.sha256)
                for each in done.files
            )
        found = CHECKPOINT.fullmatch(checkpoint)
        path = folder.find_checkpoint(int(found["step"])) if found else None
        if path is None:
            raise Refused(f"The checkpoint {checkpoint} is not kept any more.", provider_status=HTTP_NOT_FOUND)
        return tuple(
            WeightFile(name=each.name, ref=str(each.relative_to(self._machine.jobs)), bytes=each.stat().st_size)
            for each in sorted(path.iterdir())
            if each.suffix in MODEL_FILES and each.name not in STATE_FILES
        )

    def _choose_model(self, model: str) -> tuple[str, Serving]:
        """The server's key, and what it has to answer with."""
        options = self._account.options
        shared: dict[str, Any] = {
            "name": model,
            "threads": int(options.get("threads", 1)),
            "idle_seconds": 60.0 * int(options.get("idle_minutes", IDLE_MINUTES)),
        }
        found = TUNED.search(model)
        if found is None:
            base = self._find_base(model)
            if base is None:
                raise Refused(f"{model} is not among the models of this machine.", provider_status=HTTP_NOT_FOUND)
            return hashlib.sha256(model.encode()).hexdigest()[:32], Serving(base=str(base), **shared)
        weights = self._find_tuned(model)
        folder = self._require(found["token"])
        key = found["token"] + (f"-{found['step']}" if found["step"] else "")
        loaded, base = folder.read_trainer().loaded, self._find_base(folder.read_record().base_model)
        unpacked = self._find_path(loaded.base) if loaded else None
        if not (weights / "adapter_model.safetensors").exists():
            return key, Serving(base=str(weights), **shared)
        return key, Serving(base=str(base or unpacked), unpacked=unpacked, adapter=str(weights), **shared)

    def _get_folder(self, job_id: str) -> JobFolder:
        if not TOKEN.fullmatch(job_id):
            raise Refused(f"There is no job {job_id} on this machine.", provider_status=HTTP_NOT_FOUND)
        return JobFolder((self._machine.jobs / job_id).absolute())

    def _require(self, job_id: str) -> JobFolder:
        folder = self._get_folder(job_id)
        if not folder.exists:
            raise Refused(f"There is no job {job_id} on this machine.", provider_status=HTTP_NOT_FOUND)
        return folder

    def _get_file(self, reference: str) -> Path:
        return self._machine.files / Path(reference).name


def list_models(folder: Path) -> tuple[str, ...]:
    """The names of .gguf files and of folders with a config.json."""
    if not folder.is_dir():
        return ()
    found = [path for path in folder.iterdir() if path.suffix == ".gguf" or (path / "config.json").is_file()]
    return tuple(sorted(path.name for path in found))


def build_hyperparameters(given: Mapping[str, bool | float | str]) -> Hyperparameters:
    """Raises Refused with the name of what is wrong."""
    whole = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in given.items()
    }
    try:
        return msgspec.convert(whole, Hyperparameters, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(f"The hyperparameters are not valid: {error}") from error


def build_limits(options: Mapping[str, str]) -> Limits:
    """The limits that the connection sets."""

    def scale(name: str, factor: int) -> int | None:
        return max(1, round(float(options[name]) * factor)) if name in options else None

    return Limits(
        memory_mb=scale("memory_gb", GIGABYTE_MB), disk_mb=scale("disk_gb", GIGABYTE_MB), seconds=scale("hours", 3600)
    )
