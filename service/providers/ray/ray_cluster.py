"""A Ray cluster's jobs, by its REST API: plain HTTP, so that no package of Ray is needed here."""

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import msgspec

from service.errors import ProviderRefused, ProviderUnavailable
from service.network.resolver import resolve
from service.providers.bare_client import BareClient
from service.providers.openai.job_schemas import decode
from service.providers.provider import Account

JOBS = "/api/jobs/"
WAITS, RUNS, STOPPED = "PENDING", "RUNNING", "STOPPED"


class ClusterJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the cluster tells it. `submission_id` is ours."""

    status: str
    submission_id: str | None = None
    message: str | None = None


class JobLog(msgspec.Struct, frozen=True, kw_only=True):
    logs: str = ""


class RayCluster:
    """Asks the cluster at the account's address."""

    def __init__(self, account: Account) -> None:
        self._http = BareClient(account, resolve)

    async def list(self) -> dict[str, ClusterJob]:
        """All jobs that were submitted with an id, by it."""
        jobs = decode((await self._http.send("GET", JOBS)).content, list[ClusterJob])
        return {job.submission_id: job for job in jobs if job.submission_id}

    async def find(self, submission_id: str) -> ClusterJob | None:
        """None for a job that the cluster does not know, as after its head was lost."""
        answer = await self._http.send("GET", f"{JOBS}{submission_id}", accept={HTTPStatus.NOT_FOUND})
        return None if answer.status_code == HTTPStatus.NOT_FOUND else decode(answer.content, ClusterJob)

    async def submit(self, submission_id: str, job: Mapping[str, Any]) -> None:
        """Submit a job. The same id again is fine: the cluster refuses it, with a 500, and has one job."""
        body = {**job, "submission_id": submission_id}
        answer = await self._http.send("POST", JOBS, json=body, accept={HTTPStatus.INTERNAL_SERVER_ERROR})
        if not answer.is_success and await self.find(submission_id) is None:
            raise self._http.build_error(answer)

    async def stop(self, submission_id: str) -> None:
        """Ask a job to end; one that is over, or not known, is fine."""
        await self._http.send("POST", f"{JOBS}{submission_id}/stop", accept={HTTPStatus.NOT_FOUND})

    async def read_log(self, submission_id: str) -> str:
        """What a job wrote; nothing if the cluster does not tell."""
        with suppress(ProviderRefused, ProviderUnavailable):
            return decode((await self._http.send("GET", f"{JOBS}{submission_id}/logs")).content, JobLog).logs
        return ""

    async def aclose(self) -> None:
        await self._http.aclose()
