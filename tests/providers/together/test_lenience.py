"""Whatever Together answers is read, or counts as no answer; nothing else is raised."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.providers.provider import RemoteJob, Unreachable
from service.providers.together import together_jobs, together_news
from service.providers.together.together_deployments import convert_deployment
from service.providers.together.together_news import Cursor

EDGES = st.sampled_from(
    [
        *[
            float("nan"),
            float("inf"),
            -1,
            2**70,
            1e300,
            "",
            "1e400",
            "\ud800",
            "9999-12-31T23:59:59Z",
            "2026-11-30",
            True,
            None,
        ],
        *["completed", "USER_ERROR", "job_error", {"estimate_available": True, "seconds_remaining": 99_999_999}],
    ]
)
JOB_FIELDS = sorted({"id", *together_jobs.TogetherJob.__struct_fields__})
LINE_FIELDS = [
    "created_at",
    "level",
    "message",
    "type",
    "step",
    "checkpoint",
    "path",
    "train/loss",
    "train/global_step",
]
ANYTHING = EDGES | st.lists(EDGES, max_size=3) | st.dictionaries(st.sampled_from(LINE_FIELDS), EDGES, max_size=4)
LINES = st.lists(st.dictionaries(st.sampled_from(LINE_FIELDS), ANYTHING, max_size=6) | ANYTHING, max_size=4) | ANYTHING
JOBS = st.dictionaries(st.sampled_from(JOB_FIELDS), ANYTHING | LINES, max_size=8)
SEEN = RemoteJob(id="ft-1", state="succeeded", raw_status="completed", base_model="m")


@given(job=JOBS)
def test_jobs(job: dict[str, Any]) -> None:
    with suppress(Unreachable):
        together_jobs.convert_job(together_jobs.read_job(json.dumps(job).encode()))


@given(jobs=st.lists(JOBS | ANYTHING, max_size=4) | ANYTHING)
def test_lists_of_jobs(jobs: Any) -> None:
    with suppress(Unreachable):
        found, _ = together_jobs.read_jobs(json.dumps({"data": jobs}).encode())
        [together_jobs.convert_job(job) for job in together_jobs.select_by_token(found, "token")]


@given(events=LINES, metrics=LINES, checkpoints=LINES, cursor=st.none() | st.text())
def test_news(events: Any, metrics: Any, checkpoints: Any, cursor: str | None) -> None:
    known = together_news.read_cursor(cursor)
    assert isinstance(known, Cursor)
    with suppress(Unreachable):
        lines = together_news.read_events(json.dumps({"data": events}).encode())
        points = together_news.read_metrics(json.dumps({"metrics": metrics}).encode())
        entries = together_news.read_checkpoints(json.dumps({"data": checkpoints}).encode())
        together_news.build_news(SEEN, known, lines, points, entries, troubles=())


@given(deployment=st.dictionaries(st.sampled_from(["id", "status", "name", "updatedAt", "endpointId"]), ANYTHING))
def test_deployments(deployment: dict[str, Any]) -> None:
    convert_deployment(deployment)
