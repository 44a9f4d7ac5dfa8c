"""Each finding names the bulk change that mends it, and it does."""

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.bulk import worker as bulk
from service.datasets.bulk.actions.bulk_order import RedactExamples
from service.datasets.bulk.actions.redaction import redact
from service.datasets.examples.chat_content import Assistant, CalledFunction, Content, System, ToolCall, User
from tests.datasets.checks.test_api import check, checking, example, find
from tests.datasets.example_bodies import add_many, answer_text, make_dataset, ok
from tests.tunes.conftest import working


async def test_the_fixes_mend_what_was_found(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    rows = [
        example(1, "Ask jo.doe@acme.co.uk, the key is AKIAIOSFODNN7EXAMPLE.", split="train"),
        example(2, split="train"),
        example(2, split="train", rating={"overall": {"type": "stars", "value": 5}}),
        example(3, "One answer to it.", split="train"),
        example(3, "Another one altogether.", split="train"),
    ]
    examples = await add_many(api, dataset, [*rows, *[example(n, split="train") for n in range(10, 60)]])
    async with checking(engine), working(engine, bulk.run):
        report = await check(api, dataset)
        for code in ("personal_data", "secret", "duplicate", "contradiction"):
            fix = find(report, code)["fix"]
            response = await api.request(fix["method"], fix["path"], json=fix["body"])
            assert response.status_code == 202, response.text
            ended = await ok(await api.get(f"/v1/operations/{response.json()['id']}?wait=60"))
            assert ended["state"] == "succeeded", ended
        again = await check(api, dataset)
    gone = {"personal_data", "secret", "duplicate"}
    assert gone & {finding["code"] for finding in again["findings"]} == set()
    redacted = await ok(await api.get(f"/v1/examples/{examples[0]['id']}"))
    assert answer_text(redacted) == "Ask [email], the key is [aws_key]."
    # Of the two that are the same, the rated one stayed.
    assert (await api.get(f"/v1/examples/{examples[1]['id']}")).status_code == 404
    tagged = await ok(await api.get(f"/v1/datasets/{dataset}/examples", params={"tag": "contradiction"}))
    assert [row["id"] for row in tagged["data"]] == [examples[3]["id"], examples[4]["id"]]


async def test_an_unknown_kind_is_refused(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    body = {"action": {"type": "redact", "kinds": ["name"]}, "filter": ""}
    refused = await api.post(f"/v1/datasets/{dataset}/bulk", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/action/kinds")


def test_redaction_keeps_json_and_what_instructions_say() -> None:
    arguments = '{"card": 4111111111111111, "to": "jo@acme.co.uk", "n": 3}'
    call = ToolCall(id="c1", type="function", function=CalledFunction(name="pay", arguments=arguments))
    content = Content(
        messages=(
            System(content="Write to help@acme.co.uk. Key: AKIAIOSFODNN7EXAMPLE"),
            User(content="Pay, I am jo@acme.co.uk"),
            Assistant(tool_calls=(call,), reasoning="jo@acme.co.uk wants to pay"),
        )
    )
    system, user, assistant = redact(content, RedactExamples()).messages
    assert system.content == "Write to help@acme.co.uk. Key: [aws_key]"
    assert user.content == "Pay, I am [email]"
    assert isinstance(assistant, Assistant)
    assert assistant.tool_calls is not None
    assert assistant.tool_calls[0].function.arguments == '{"card":"[card]","to":"[email]","n":3}'
    assert assistant.reasoning == "[email] wants to pay"
    assert redact(content, RedactExamples(kinds=["iban"])) == content
