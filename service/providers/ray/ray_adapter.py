"""The adapter for a Ray cluster. It differs from this machine in who starts the trainer: the job's folder is shared."""

import asyncio
from collections.abc import Collection
from pathlib import Path

import msgspec

from service.providers.local.job_folder import JobFolder, Wish
from service.providers.local.local_adapter import LocalProvider
from service.providers.local.trainer.folder_lock import find_holder
from service.providers.local.trainer_schedule import MAX_DEATHS, give_up
from service.providers.provider import Account, AccountCheck, JobSpec, RemoteJob
from service.providers.ray.ray_cluster import RUNS, STOPPED, WAITS, ClusterJob, RayCluster
from service.providers.ray.ray_jobs import (
    build_request,
    build_submission_id,
    find_submission_id,
    plan_submission,
    read_submission,
    write_submission,
)
from service.providers.ray.trainer_archive import write_archive


class RayProvider(LocalProvider):
    """Tuner, Chat, Pauser, WeightSource and ModelDeleter. Models are asked on this machine, from the shared folder."""

    not_allowed = "Training on Ray needs a folder that the cluster shares: the operator sets TUNELEDGER_RAY_DIRECTORY."

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._cluster = RayCluster(account)

    async def check(self) -> AccountCheck:
        await self._cluster.list()
        return AccountCheck(models=await self.base_models())

    async def submit(self, order: JobSpec) -> RemoteJob:
        """The same order again is the same job, and the same submission at the cluster."""
        await asyncio.to_thread(self._create_folder, order)
        return await self.job(order.token)

    async def job(self, job_id: str) -> RemoteJob:
        folder = self._require(job_id)
        return await self._follow(folder, await self._find_submitted(folder))

    async def states(self, job_ids: Collection[str]) -> dict[str, RemoteJob]:
        jobs, states = await self._cluster.list(), {}
        for job_id in job_ids:
            folder = self._get_folder(job_id)
            if folder.exists:
                states[job_id] = await self._follow(folder, jobs.get(find_submission_id(folder) or ""))
        return states

    async def aclose(self) -> None:
        await self._cluster.aclose()
        await super().aclose()

    async def _ask(self, job_id: str, wish: Wish) -> RemoteJob:
        folder = self._require(job_id)
        found = await self._find_submitted(folder)
        if wish == "none" and found is not None and found.status not in {WAITS, RUNS}:
            write_submission(folder, plan_submission(read_submission(folder), known=True, step=None))
            found = None
        await asyncio.to_thread(folder.write_wish, wish)
        if wish != "none" and found is not None and found.status == RUNS:
            await self._cluster.stop(find_submission_id(folder) or "")
        return await self._follow(folder, found)

    async def _find_submitted(self, folder: JobFolder) -> ClusterJob | None:
        submission_id = find_submission_id(folder)
        return await self._cluster.find(submission_id) if submission_id else None

    async def _follow(self, folder: JobFolder, found: ClusterJob | None) -> RemoteJob:
        """Have the trainer run if it should, and read how far it is. `found`: the newest submission."""
        status, wish = found.status if found else None, folder.read_wish()
        # One that waits need not be stopped: it ends when it begins, by the file. This is asked before its lines are
        # read: what it reported last is then among them.
        alive = status == RUNS or (status == WAITS and wish == "none") or find_holder(folder.path) is not None
        if await asyncio.to_thread(folder.has_ended):
            if not alive:
                folder.remove_rows()
        elif not alive and wish == "none":
            if status == STOPPED:
                folder.write_wish("pause")  # by somebody at the cluster
            else:
                alive = await self._start(folder, found)
        job = await asyncio.to_thread(self._read_job, folder, alive=alive)
        if status == WAITS and job.state == "running":
            return msgspec.structs.replace(job, state="queued", raw_status="waiting for the cluster")
        return job

    async def _start(self, folder: JobFolder, found: ClusterJob | None) -> bool:
        """Submit the trainer; it goes on from its newest checkpoint. False if it has died too often."""
        trainer, before = folder.read_trainer(), find_submission_id(folder)
        submission = plan_submission(read_submission(folder), known=found is not None, step=trainer.step)
        if before and submission.deaths >= MAX_DEATHS:
            log = await self._cluster.read_log(before)
            give_up(folder, trainer, log or (found.message if found else "") or "")
            return False
        write_submission(folder, submission)
        request = build_request(
            self._account.options,
            archive=self._name_path(write_archive(self._machine.folder / "trainers")),
            folder=self._name_path(folder.path),
            name=folder.read_record().model,
        )
        await self._cluster.submit(build_submission_id(folder, submission), request)
        return True

    def _name_path(self, path: Path) -> str:
        here = self._machine.folder
        return str(Path(self._account.options.get("folder", str(here))) / path.relative_to(here))

    def _find_path(self, name: str) -> str:
        there = Path(self._account.options.get("folder", str(self._machine.folder)))
        path = Path(name)
        return str(self._machine.folder / path.relative_to(there)) if path.is_relative_to(there) else name
