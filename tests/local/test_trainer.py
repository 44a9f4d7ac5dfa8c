"""The trainer on a random tiny model: it learns, goes on exactly where it was killed, and ends with a sentence."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.providers.local.job import (
    EXIT_BUSY,
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_STOPPED,
    STOP_FILE,
    CheckpointWritten,
    Done,
    Evaluated,
    Limits,
    Rows,
    Stepped,
    Stopped,
)
from tests.local.trainer_process import (
    get_failure,
    kill,
    load_events,
    start,
    train,
    wait_for_step,
    write_job,
)


def test_full_training_learns_and_tells_what_came_out(tmp_path: Path, tiny_base: Path) -> None:
    write_job(tmp_path / "job", tiny_base)
    status, events = train(tmp_path / "job")
    assert status == EXIT_DONE
    done = events[-1]
    assert isinstance(done, Done)
    before, after = [event.loss for event in events if isinstance(event, Evaluated)]
    assert before is not None
    assert after is not None
    assert after < before - 1
    assert [event.step for event in events if isinstance(event, Stepped)] == list(range(1, 21))
    assert {file.name for file in done.files} >= {"config.json", "model.safetensors", "tokenizer.json"}
    assert all((tmp_path / "job/result" / file.name).stat().st_size == file.bytes for file in done.files)
    assert not list((tmp_path / "job/result").glob("*.bin"))
    assert done.tokens


@pytest.mark.parametrize("method", ["supervised", "dpo", "kto"])
def test_an_adapter_is_trained_by_each_method(tmp_path: Path, tiny_base: Path, method: str) -> None:
    write_job(tmp_path, tiny_base, method=method, hyperparameters={"tuned": "lora", "max_steps": 4})
    status, events = train(tmp_path)
    assert status == EXIT_DONE, (tmp_path / "trainer.log").read_text()[-2000:]
    assert isinstance(events[-1], Done)
    assert "adapter_model.safetensors" in {file.name for file in events[-1].files}
    config = json.loads((tmp_path / "result/adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == tiny_base.name


def test_killed_at_any_moment_and_stopped_twice_it_ends_with_the_same_weights(tmp_path: Path, tiny_base: Path) -> None:
    write_job(tmp_path / "straight", tiny_base)
    _, straight = train(tmp_path / "straight")
    folder = tmp_path / "disturbed"
    write_job(folder, tiny_base)

    process = start(folder)
    wait_for_step(folder, 7, process)
    kill(process)
    half = folder / "checkpoints/checkpoint-9"  # as after a kill in the middle of writing
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")

    process = start(folder)
    wait_for_step(folder, 12, process)
    second = start(folder)
    assert second.wait(timeout=60) == EXIT_BUSY  # the folder has its trainer
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == EXIT_STOPPED

    (folder / STOP_FILE).touch()
    assert start(folder).wait(timeout=60) == EXIT_STOPPED
    (folder / STOP_FILE).unlink()
    status, events = train(folder)

    assert status == EXIT_DONE
    assert isinstance(events[-1], Done)
    assert isinstance(straight[-1], Done)
    assert events[-1].sha256 == straight[-1].sha256
    assert len([event for event in events if isinstance(event, Stopped)]) == 2
    losses = {event.step: event.loss for event in straight if isinstance(event, Stepped)}
    assert all(losses[event.step] == event.loss for event in events if isinstance(event, Stepped))
    cpu = [event.cpu_s for event in events]
    assert cpu == sorted(cpu)  # the attempts are added up


PICKLE = b"cos\nsystem\n(S'touch /tmp/poisoned'\ntR."


def link_elsewhere(path: Path) -> None:
    """The same content, but at a place that others may change later."""
    path.rename(path.parent.parent / path.name)
    path.symlink_to(path.parent.parent / path.name)


POISONS: dict[str, Callable[[Path], object]] = {
    "optimizer.pt": lambda path: path.write_bytes(PICKLE),
    "added.pkl": lambda path: path.write_bytes(PICKLE),
    "config.json": lambda path: path.write_text('{"auto_map": {"AutoModelForCausalLM": "modeling.Tiny"}}'),
    "modeling.py": lambda path: path.write_text("import os"),
    "model.safetensors": link_elsewhere,
    "adapter": lambda path: path.symlink_to("/tmp"),
}


def test_what_was_changed_in_a_checkpoint_is_not_read(tmp_path: Path, tiny_base: Path) -> None:
    write_job(tmp_path / "job", tiny_base)
    process = start(tmp_path / "job")
    wait_for_step(tmp_path / "job", 6, process)
    kill(process)
    [checkpoint] = [event for event in load_events(tmp_path / "job") if isinstance(event, CheckpointWritten)]
    for name, poison in POISONS.items():
        folder = tmp_path / f"poisoned by {name}"
        shutil.copytree(tmp_path / "job", folder)
        poison(folder / checkpoint.path / name)
        status, events = train(folder)
        failure = get_failure(events)
        assert (status, failure.code) == (EXIT_FAILED, "checkpoint_refused")
        assert f"checkpoint-5/{name} is not what the trainer wrote" in failure.message


def test_all_weights_go_on_from_an_earlier_job(tmp_path: Path, tiny_base: Path) -> None:
    write_job(tmp_path / "first", tiny_base)
    _, first = train(tmp_path / "first")
    write_job(tmp_path / "second", tiny_base, start_from=str(tmp_path / "first/result"))
    _, second = train(tmp_path / "second")
    before = next(event for event in second if isinstance(event, Evaluated))
    assert isinstance(first[-1], Done)
    assert before.loss == first[-1].loss


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("pytorch_model.bin", b"x", "may be a pickle"),
        ("modeling_tiny.py", b"import os", "No code of a model is run"),
        ("config.json", b'{"auto_map": {"AutoModelForCausalLM": "modeling.Tiny"}}', "auto_map"),
        ("config.json", None, "no config.json"),
    ],
)
def test_a_base_that_would_run_code_is_refused(
    tmp_path: Path, tiny_base: Path, name: str, content: bytes | None, sentence: str
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    for path in tiny_base.iterdir():
        os.link(path, base / path.name)
    (base / name).unlink(missing_ok=True)
    if content is not None:
        (base / name).write_bytes(content)
    write_job(tmp_path / "job", base)
    status, events = train(tmp_path / "job")
    assert status == EXIT_FAILED
    assert get_failure(events).code == "base_refused"
    assert sentence in get_failure(events).message


def test_nothing_is_downloaded_unless_asked(tmp_path: Path) -> None:
    write_job(tmp_path, Path("nobody/no-such-model"))
    status, events = train(tmp_path)
    assert status == EXIT_FAILED
    assert get_failure(events).code == "base_not_found"
    assert "nothing is downloaded" in get_failure(events).message


def test_limits_end_with_a_sentence(tmp_path: Path, tiny_base: Path) -> None:
    write_job(tmp_path / "time", tiny_base, limits=Limits(seconds=1))
    write_job(tmp_path / "memory", tiny_base, limits=Limits(memory_mb=300))
    write_job(tmp_path / "disk", tiny_base, limits=Limits(disk_mb=1))
    status, events = train(tmp_path / "time")
    assert (status, get_failure(events).code) == (EXIT_FAILED, "out_of_time")
    assert (
        isinstance(events[-2], CheckpointWritten | Evaluated | Stepped) or "out of time" in get_failure(events).message
    )
    status, events = train(tmp_path / "memory")
    assert (status, get_failure(events).code) == (EXIT_FAILED, "out_of_memory")
    assert "of 0.3 GB" in get_failure(events).message
    status, events = train(tmp_path / "disk")
    assert (status, get_failure(events).code) == (EXIT_FAILED, "out_of_disk")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, check=False).returncode:
        pytest.skip("mounting needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_ends_with_a_sentence(tmp_path: Path, tiny_base: Path) -> None:
    with small_disk(tmp_path / "small", "3m") as folder:
        write_job(folder, tiny_base)
        status, events = train(folder)
        assert (status, get_failure(events).code) == (EXIT_FAILED, "out_of_disk")
        assert "are free" in get_failure(events).message


def test_a_disk_that_fills_up_while_it_trains_ends_with_a_sentence(tmp_path: Path, tiny_base: Path) -> None:
    with small_disk(tmp_path / "shared", "12m") as folder:
        write_job(folder, tiny_base)
        process = start(folder)
        wait_for_step(folder, 1, process)
        free = shutil.disk_usage(folder).free
        (folder / "of somebody else").write_bytes(bytes(free - 400_000))
        assert process.wait(timeout=300) == EXIT_FAILED
        failure = get_failure(load_events(folder))
        assert (failure.code, "disk of the job's folder is full" in failure.message) == ("out_of_disk", True)


def test_rows_that_cannot_be_learnt_are_named(tmp_path: Path, tiny_base: Path) -> None:
    write_job(tmp_path, tiny_base, train=Rows(path="train.jsonl", sha256="0" * 64))
    assert "another file" in get_failure(train(tmp_path)[1]).message
    job = write_job(tmp_path, tiny_base)
    (tmp_path / job.train.path).write_text('{"messages": [{"role": "user", "content": "x"}]}\n')
    failure = get_failure(train(tmp_path)[1])
    assert (failure.code, failure.message) == (
        "invalid_rows",
        "train.jsonl, row 1: no answer of an assistant to learn from.",
    )
