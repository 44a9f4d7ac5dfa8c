"""Deployments of custom models at Bedrock: a model answers under the name of its deployment, on demand."""

from typing import Any
from urllib.parse import quote

import msgspec

from service.providers.abilities import Deployment, DeploymentSpec, DeploymentState
from service.providers.bare_client import NOT_FOUND
from service.providers.bedrock.aws_client import AwsClient
from service.providers.bedrock.aws_errors import CONFLICT, TAKEN
from service.providers.bedrock.bedrock_jobs import build_name, read_text
from service.providers.openai.job_schemas import decode, parse_time
from service.providers.provider import Refused, Unreachable

PATH = "/model-customization/custom-model-deployments"
STATES: dict[str, DeploymentState] = {"Creating": "creating", "Active": "ready", "Failed": "failed"}


class CreatedDeployment(msgspec.Struct, frozen=True, kw_only=True):
    customModelDeploymentArn: str  # noqa: N815 - the wire's word


class BedrockDeployments:
    def __init__(self, client: AwsClient) -> None:
        self._client = client

    async def find(self, token: str) -> Deployment | None:
        query = {"nameContains": token, "sortBy": "CreationTime", "sortOrder": "Ascending"}
        async for item in self._client.list_items(PATH, "modelDeploymentSummaries", query):
            if (read_text(item.get("customModelDeploymentName")) or "").endswith(token):
                return convert_deployment(item)
        return None

    async def deploy(self, spec: DeploymentSpec) -> Deployment:
        """Create the deployment. The same spec again gives the same one."""
        body = {
            "modelDeploymentName": build_name(spec.name, spec.token),
            "modelArn": spec.model,
            "clientRequestToken": spec.token,
        }
        try:
            answer = await self._client.send("POST", PATH, json=body)
        except Refused as refused:
            # AWS forgets request tokens after a while; the name is still taken then.
            if refused.provider_code in TAKEN and (known := await self.find(spec.token)):
                return known
            raise
        arn = decode(answer.content, CreatedDeployment).customModelDeploymentArn
        return Deployment(id=arn, state="creating", raw_status="Creating", address=arn)

    async def read(self, deployment_id: str) -> Deployment:
        answer = await self._client.send("GET", build_path(deployment_id))
        return convert_deployment(decode(answer.content, dict[str, Any]))

    async def delete(self, deployment_id: str) -> None:
        try:
            await self._client.send("DELETE", build_path(deployment_id), accept=(NOT_FOUND,))
        except Refused as refused:
            if refused.provider_code != CONFLICT:
                raise
            # It is still being created: it can be deleted, but not yet.
            raise Unreachable(refused.detail, provider_code=CONFLICT, because="busy") from None


def build_path(deployment_id: str) -> str:
    return f"{PATH}/{quote(deployment_id, safe='')}"


def convert_deployment(item: dict[str, Any]) -> Deployment:
    arn = read_text(item.get("customModelDeploymentArn"))
    if arn is None:
        raise Unreachable("the provider's response could not be read", because="unreadable")
    raw_status = read_text(item.get("status")) or ""
    return Deployment(
        id=arn,
        state=STATES.get(raw_status, "creating"),
        raw_status=raw_status,
        address=arn,
        error=read_text(item.get("failureMessage")) if raw_status == "Failed" else None,
        updated_at=parse_time(item.get("lastUpdatedAt")) or parse_time(item.get("createdAt")),
    )
