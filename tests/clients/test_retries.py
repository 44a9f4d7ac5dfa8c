"""What the client sends again, what it does not, and what it says in the end."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tuneledger import AsyncTuneledger, Tuneledger
from tuneledger._retries import MAX_PAUSE, pause, retry_after
from tuneledger.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    RateLimitError,
    UnexpectedAnswerError,
)

URL = "http://tuneledger.test"
NOW = {"retry-after": "0"}
Answer = httpx.Response | Exception


class Answers:
    """Answers requests in turn, the last one for good, and keeps what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def keys(self) -> set[str | None]:
        return {request.headers.get("idempotency-key") for request in self.asked}


def problem(status: int, code: str) -> httpx.Response:
    faults = [{"pointer": "/name", "detail": "too long", "code": "too_long"}]
    body = {"title": "No", "detail": "Not so.", "code": code, "errors": faults, "request_id": "r-1"}
    return httpx.Response(status, json=body, headers=NOW)


@pytest.fixture
def client_of() -> Iterator[Callable[[Answers], Tuneledger]]:
    opened: list[httpx.Client] = []

    def make(answers: Answers) -> Tuneledger:
        opened.append(httpx.Client(transport=httpx.MockTransport(answers)))
        return Tuneledger("tl_key", base_url=URL + "/", http_client=opened[-1])

    yield make
    for each in opened:
        each.close()


Made = Callable[[Answers], Tuneledger]


@pytest.mark.parametrize(
    "first",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        problem(408, "timeout"),
        problem(409, "idempotency_in_flight"),
        problem(429, "rate_limited"),
        problem(500, "internal"),
        problem(503, "unavailable"),
    ],
)
def test_what_may_go_well_the_second_time_is_sent_again_under_one_key(client_of: Made, first: Answer) -> None:
    answers = Answers(first, httpx.Response(204))
    client_of(answers).request("POST", "/v1/datasets", json={"name": "one"})
    assert len(answers.asked) == 2
    assert len(answers.keys) == 1
    assert None not in answers.keys
    assert {request.content for request in answers.asked} == {b'{"name":"one"}'}


def test_two_calls_have_two_keys(client_of: Made) -> None:
    answers = Answers(httpx.Response(204))
    client = client_of(answers)
    client.request("POST", "/v1/datasets", json={"name": "one"})
    client.request("POST", "/v1/datasets", json={"name": "one"})
    assert len(answers.keys) == 2


def test_a_key_of_ones_own_is_sent_as_it_is(client_of: Made) -> None:
    answers = Answers(problem(409, "conflict"))
    with pytest.raises(ConflictError):
        client_of(answers).datasets.create(name="one", idempotency_key="mine")
    assert answers.keys == {"mine"}


def test_there_are_two_more_tries_and_then_the_error(client_of: Made) -> None:
    answers = Answers(problem(429, "rate_limited"))
    with pytest.raises(RateLimitError):
        client_of(answers).datasets.get("one")
    assert len(answers.asked) == 3
    answers.asked.clear()
    with pytest.raises(RateLimitError):
        client_of(answers).with_options(max_retries=0).datasets.get("one")
    assert len(answers.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 412, 422])
def test_a_refusal_is_final(client_of: Made, status: int) -> None:
    answers = Answers(problem(status, "no"))
    with pytest.raises(APIStatusError) as caught:
        client_of(answers).datasets.get("one")
    assert len(answers.asked) == 1
    assert caught.value.status_code == status


def test_an_error_tells_what_the_server_told(client_of: Made) -> None:
    with pytest.raises(NotFoundError) as caught:
        client_of(Answers(problem(404, "not_found"))).datasets.get("one")
    error = caught.value
    assert (error.code, error.request_id, error.errors[0].pointer) == ("not_found", "r-1", "/name")
    assert str(error) == "404 /name: too long (code not_found, request r-1)"


def test_a_proxys_page_is_an_error_of_its_status(client_of: Made) -> None:
    page = httpx.Response(502, html="<h1>Bad gateway</h1>", headers=NOW)
    with pytest.raises(InternalServerError) as caught:
        client_of(Answers(page)).datasets.get("one")
    assert (caught.value.title, caught.value.code) == ("Bad Gateway", "")


def test_a_conditional_change_that_may_have_arrived_is_not_sent_again(client_of: Made) -> None:
    lost = Answers(httpx.ReadError("reset"))
    with pytest.raises(APIConnectionError):
        client_of(lost).examples.update("one", tags=["a"], if_match=3)
    assert [request.headers["if-match"] for request in lost.asked] == ['"3"']
    refused = Answers(httpx.ConnectError("refused"))
    with pytest.raises(APIConnectionError):
        client_of(refused).examples.update("one", tags=["a"], if_match='"3"')
    assert len(refused.asked) == 3


def test_no_answer_in_time_has_an_error_of_its_own(client_of: Made) -> None:
    with pytest.raises(APITimeoutError):
        client_of(Answers(httpx.ReadTimeout("late"))).with_options(max_retries=0).datasets.get("one")


def test_an_answer_that_is_no_struct_keeps_the_answer(client_of: Made) -> None:
    with pytest.raises(UnexpectedAnswerError) as caught:
        client_of(Answers(httpx.Response(200, json={"id": 7}))).datasets.get("one")
    assert caught.value.response.json() == {"id": 7}


def test_words_and_fields_of_a_later_server_are_taken_as_they_are(client_of: Made) -> None:
    body = {
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "kind": "dream",
        "state": "resting",
        "progress": {"done": 1, "total": None, "unit": "sheep", "mood": "calm"},
        "result": None,
        "error": None,
        "resource": None,
        "cancel_requested": False,
        "created_at": "2026-01-01T00:00:00Z",
        "created_by": "me",
        "updated_at": "2026-01-01T00:00:00Z",
        "finished_at": None,
        "weather": {"rain": True},
    }
    operation = client_of(Answers(httpx.Response(200, json=body))).operations.get("one")
    assert (operation.state, operation.progress.done, operation.created_at.tzinfo) == ("resting", 1, dt.UTC)


def test_a_file_is_sent_again_from_its_beginning_and_an_iterable_is_not(client_of: Made, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a,b\n")
    answers = Answers(problem(503, "unavailable"))
    for file in (path, b"a,b\n", path.open("rb")):
        with pytest.raises(InternalServerError):
            client_of(answers).datasets.imports.create("one", file)
        assert [request.content for request in answers.asked] == [b"a,b\n"] * 3
        assert len(answers.keys) == 1
        answers.asked.clear()
        if not isinstance(file, Path | bytes):
            file.close()
    with pytest.raises(InternalServerError):
        client_of(answers).datasets.imports.create("one", iter([b"a,b\n"]))
    assert len(answers.asked) == 1


def test_the_name_of_a_file_tells_its_type(client_of: Made, tmp_path: Path) -> None:
    answers = Answers(problem(400, "no"))
    for name in ("rows.csv", "rows.jsonl", "rows.what"):
        (tmp_path / name).write_bytes(b"a")
        with pytest.raises(BadRequestError):
            client_of(answers).datasets.imports.create("one", str(tmp_path / name))
    types = [request.headers["content-type"] for request in answers.asked]
    assert types == ["text/csv", "application/x-ndjson", "application/octet-stream"]
    assert answers.asked[0].url.params["name"] == "rows.csv"
    assert answers.asked[0].headers["content-length"] == "1"


def test_arguments_become_what_the_route_takes(client_of: Made) -> None:
    answers = Answers(problem(400, "no"))
    client = client_of(answers)
    with pytest.raises(BadRequestError):
        client.datasets.examples.list("a/b", rated=True, limit=5, as_of="v1").first()
    with pytest.raises(BadRequestError):
        client.datasets.diff("one", from_="v1").first()
    with pytest.raises(BadRequestError):
        client.datasets.update("one", task_id=None)
    listed, compared, updated = answers.asked
    assert listed.url.raw_path == b"/v1/datasets/a%2Fb/examples?rated=true&limit=5&as_of=v1"
    assert compared.url.query == b"from=v1"
    assert updated.content == b'{"task_id":null}'
    assert listed.headers["authorization"] == "Bearer tl_key"


async def test_the_awaited_client_tries_again_too() -> None:
    answers = Answers(problem(503, "unavailable"), httpx.ReadError("reset"), httpx.Response(204))
    async with httpx.AsyncClient(transport=httpx.MockTransport(answers)) as http:
        client = AsyncTuneledger("tl_key", base_url=URL, http_client=http)
        await client.request("POST", "/v1/datasets", json={"name": "one"})
    assert len(answers.asked) == 3
    assert len(answers.keys) == 1


def test_the_servers_pause_goes_before_our_own() -> None:
    assert pause(0, httpx.Response(429, headers={"retry-after": "7"})) == 7
    assert pause(0, httpx.Response(429, headers={"retry-after": "86400"})) == 60
    assert all(0 < pause(attempt) <= MAX_PAUSE for attempt in range(2000))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("-1", 0.0), ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0), ("soon", None), (None, None)],
)
def test_a_pause_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, now=10.0) == seconds
