"""HTTP to one Google Cloud project: signed, and with Google's errors."""

import re
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2

from service.network.resolver import Resolve
from service.providers.bare_client import BareClient
from service.providers.openai.job_schemas import decode
from service.providers.provider import Account, Refused, Unreachable
from service.providers.vertex.vertex_credentials import ServiceAccountAuth, build_auth
from service.providers.vertex.vertex_errors import build_google_error

# A region in the address of `global` is none.
GLOBAL_URLS = {"https://global-aiplatform.googleapis.com/v1": "https://aiplatform.googleapis.com/v1"}
RESOURCE = re.compile(r"[A-Za-z0-9._:@-]{1,200}(/[A-Za-z0-9._:@-]{1,200}){1,12}")

Answer = TypeVar("Answer")


class VertexClient(BareClient):
    """`project`: the path of the connection's project and location, without a slash before it."""

    def __init__(self, account: Account, resolve: Resolve) -> None:
        self._signer = build_auth(account)
        super().__init__(account, resolve, auth=self._signer)
        self.base_url = GLOBAL_URLS.get(self.base_url, self.base_url)
        options = account.options
        self.project = f"projects/{options.get('project', '-')}/locations/{options.get('location', '-')}"

    async def ask_for(self, shape: type[Answer], method: str, url: str, **parts: Any) -> Answer:
        """Send one request and decode its answer."""
        return decode((await self.send(method, url, **parts)).content, shape)

    def build_error(self, response: httpx2.Response) -> Refused | Unreachable:
        error = build_google_error(response, self.account)
        if isinstance(self._signer, ServiceAccountAuth):
            self._signer.hide(error)
        return error


def build_job_path(project: str, job_id: str) -> str:
    """The path of a job, by its id or its whole name: Google's names have the project's number in them."""
    return f"/{project}/tuningJobs/{quote(job_id.rpartition('/')[2], safe='')}"


def check_resource(name: str) -> str:
    """A name such as `projects/…/endpoints/…`, which goes into paths as it is. Raises Refused for anything else."""
    if not RESOURCE.fullmatch(name) or ".." in name:
        raise Refused(f"{name[:200]!r} is no name of a resource at Google, such as projects/…/endpoints/….")
    return name
