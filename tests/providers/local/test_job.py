"""The contract with the trainer: what is written is read again, and what is no event is left out."""

from pathlib import Path

import pytest

from service.providers.local.job import (
    JOB_FILE,
    Failed,
    Hyperparameters,
    Job,
    JobError,
    Rows,
    Stepped,
    encode_event,
    encode_job,
    read_events,
    read_job,
)

JOB = Job(base="model.gguf", train=Rows(path="train.jsonl"), hyperparameters=Hyperparameters(learning_rate=1e-3))
STEP = Stepped(at=1_790_000_000.123, attempt=1, seconds=3.5, cpu_s=3.25, rss_mb=512.0, step=3, max_steps=9, lr=2.5e-05)


def test_a_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / JOB_FILE).write_bytes(encode_job(JOB))
    assert read_job(tmp_path) == JOB
    assert encode_job(JOB) == encode_job(read_job(tmp_path))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"base": "x"}', "train"),
        ('{"base": "x", "train": {"path": "t"}, "hyperparameters": {"lora_rank": 0}}', "lora_rank"),
        ('{"base": "x", "train": {"path": "t"}, "trust_remote_code": true}', "trust_remote_code"),
        ("{", "JSON|malformed|truncated"),
    ],
)
def test_a_wrong_job_names_its_field(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / JOB_FILE).write_text(text)
    with pytest.raises(JobError, match=named):
        read_job(tmp_path)


def test_a_folder_without_a_job_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=JOB_FILE):
        read_job(tmp_path)


def test_events_are_found_among_other_lines_and_half_a_line_is_left_out() -> None:
    failed = Failed(at=2.0, attempt=1, seconds=4.0, cpu_s=4.0, rss_mb=1.0, code="error", message="no \n end", step=3)
    whole = f'Loading weights\n{encode_event(STEP)}\n{{"event": "of a later version"}}\n{encode_event(failed)}\n'
    assert list(read_events(whole.encode())) == [STEP, failed]
    assert list(read_events(whole.encode()[:-9])) == [STEP]
