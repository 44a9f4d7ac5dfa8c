"""What a Ray cluster is asked to run: submissions that can be repeated, and the trainer as one file."""

import subprocess
import sys
from pathlib import Path

from service.providers.local.job import EXIT_FAILED, Failed, read_events
from service.providers.ray.ray_jobs import Submission, build_request, plan_submission
from service.providers.ray.trainer_archive import build_archive, write_archive


def test_what_the_cluster_does_not_know_is_submitted_again_and_what_died_gets_the_next_number() -> None:
    first = plan_submission(None, known=False, step=0)
    assert first == Submission(number=1)
    assert plan_submission(first, known=False, step=7) == first  # not sent yet, or the head was lost
    assert plan_submission(first, known=True, step=7) == Submission(number=2, step=7)
    second = plan_submission(first, known=True, step=0)
    assert second == Submission(number=2, deaths=1)
    assert plan_submission(second, known=True, step=0).deaths == 2


def test_the_request_names_paths_of_the_cluster_and_waits_for_a_checkpoint() -> None:
    options = {"python": "/opt/train/bin/python", "gpus": "0.5", "memory_gb": "4"}
    request = build_request(options, archive="/mnt/trainer.pyz", folder="/mnt/jobs/a b", name="tiny:tuned")
    assert request["entrypoint"] == "/opt/train/bin/python /mnt/trainer.pyz '/mnt/jobs/a b'"
    needs = ("entrypoint_num_cpus", "entrypoint_num_gpus", "entrypoint_memory")
    assert [request[name] for name in needs] == [1.0, 0.5, 4_000_000_000]
    assert request["runtime_env"]["env_vars"]["RAY_JOB_STOP_WAIT_TIME_S"]


def test_the_trainer_runs_from_one_file(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "trainers")
    assert write_archive(tmp_path / "trainers") == archive
    assert archive.read_bytes() == build_archive()
    (tmp_path / "job").mkdir()
    process = subprocess.run(
        [sys.executable, archive, tmp_path / "job"], cwd=tmp_path, capture_output=True, check=False
    )
    assert process.returncode == EXIT_FAILED, process.stderr
    [event] = read_events(process.stdout)
    assert isinstance(event, Failed)
    assert event.code == "invalid_job"
    assert "job.json" in event.message
