"""What a trainer reports becomes a state, points, checkpoints, lines of a log and a price."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from service.providers.local.job import (
    CheckpointWritten,
    Done,
    Evaluated,
    Failed,
    Loaded,
    Stepped,
    Stopped,
    TrainerEvent,
    encode_event,
)
from service.providers.local.job_folder import JobRecord, TrainerState, Wish
from service.providers.local.local_adapter import build_hyperparameters, build_limits
from service.providers.local.local_jobs import build_job, build_news, find_state
from service.providers.provider import Refused

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AT: dict[str, Any] = {"at": NOW.timestamp() - 60, "attempt": 1, "seconds": 1800.0, "cpu_s": 900.0, "rss_mb": 2700.0}
LOADED = Loaded(**AT, base="b", device="cpu", parameters=135_000_000, trainable=5_000_000, train_rows=210, max_steps=26)
STEP = Stepped(**AT, step=1, max_steps=26, loss=2.5, token_accuracy=0.5)
CHECKPOINT = CheckpointWritten(**AT, step=1, path="checkpoints/checkpoint-1", bytes=9, sha256="ab")
DONE = Done(**AT, step=26, tuned="lora", files=(), sha256="cd", tokens=9481)
FAILED = Failed(**AT, code="out_of_memory", message="out of memory: 3.1 of 3.0 GB; batch 4 → 2 fits")
RECORD = JobRecord(token="t", base_model="b", model="b:tuned:t", created_at=NOW, cpu_hour="0.10", gpu_hour="2")


@pytest.mark.parametrize(
    ("trainer", "wish", "alive", "state"),
    [
        (TrainerState(), "none", False, ("queued", "waiting for a slot")),
        (TrainerState(), "none", True, ("running", "loading")),
        (TrainerState(loaded=LOADED, last=STEP, step=1), "none", True, ("running", "training")),
        (TrainerState(loaded=LOADED, last=STEP, step=1), "none", False, ("running", "starting again")),
        (TrainerState(loaded=LOADED, last=STEP, step=1), "cancel", True, ("running", "stopping")),
        (TrainerState(loaded=LOADED, last=STEP, step=1), "cancel", False, ("cancelled", "cancelled")),
        (TrainerState(loaded=LOADED, last=STEP, step=1), "pause", False, ("paused", "paused")),
        (TrainerState(last=DONE, done=DONE), "cancel", False, ("succeeded", "done")),
        (TrainerState(last=FAILED, failed=FAILED), "none", False, ("failed", "out_of_memory")),
    ],
)
def test_a_state_follows_from_events_lock_and_wish(
    trainer: TrainerState, wish: Wish, alive: bool, state: tuple[str, str]
) -> None:
    assert find_state(trainer, wish=wish, alive=alive) == state


def test_a_job_that_ended_has_its_model_its_price_or_its_error() -> None:
    done = build_job(
        RECORD, TrainerState(last=DONE, loaded=LOADED, done=DONE, step=26), wish="none", alive=False, now=NOW
    )
    assert (done.model, done.trained_tokens, done.cost) == ("b:tuned:t", 9481, Decimal("0.025"))
    failed = build_job(RECORD, TrainerState(last=FAILED, failed=FAILED), wish="none", alive=False, now=NOW)
    assert failed.error
    assert failed.error.message == "out of memory: 3.1 of 3.0 GB; batch 4 → 2 fits"
    assert failed.model is None
    running = build_job(
        RECORD, TrainerState(last=STEP, loaded=LOADED, step=1, max_steps=26), wish="none", alive=True, now=NOW
    )
    assert (running.cost, running.steps_total) == (None, 26)
    assert running.estimated_finish


def test_news_are_points_checkpoints_and_lines_after_the_cursor() -> None:
    base = Evaluated(**AT, step=0, max_steps=26, loss=4.7, token_accuracy=0.33)
    broken = Stepped(**AT, step=2, max_steps=26, loss=None)
    stopped = Stopped(**AT, step=2, max_steps=26, reason="SIGTERM")
    trainer: list[TrainerEvent] = [LOADED, base, STEP, CHECKPOINT, broken, stopped]
    lines = [f"{encode_event(event)}\n".encode() for event in trainer]
    news = build_news(RECORD, b"".join(lines), offset=0)
    assert [(point.step, point.train_loss, point.full_valid_loss) for point in news.metrics] == [
        (0, None, 4.7),
        (1, 2.5, None),
        (2, None, None),
    ]
    assert news.metrics[2].not_finite == ("train_loss",)
    assert [(each.id, each.model) for each in news.checkpoints] == [("step-1", "b:tuned:t:step-1")]
    assert [event.message.split(" ")[0] for event in news.events] == ["Training", "Checkpoint", "Stopped"]
    assert news.cursor == str(len(b"".join(lines)))
    rest = build_news(RECORD, b"".join(lines[4:]), offset=len(b"".join(lines[:4])))
    assert (rest.cursor, [event.id for event in rest.events]) == (news.cursor, [news.events[-1].id])


def test_hyperparameters_and_limits_come_from_the_request_and_the_connection() -> None:
    assert build_hyperparameters({"batch_size": 8.0, "learning_rate": 0.001}).batch_size == 8
    with pytest.raises(Refused, match="n_layers"):
        build_hyperparameters({"n_layers": 3})
    limits = build_limits({"memory_gb": "3.5", "hours": "0.5"})
    assert (limits.memory_mb, limits.seconds, limits.disk_mb) == (3500, 1800, None)
