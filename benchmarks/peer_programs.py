"""Kiln's library and MLflow's tracking server on the same rows. Runs in an environment of their own, prints JSON.

`python peer_programs.py kiln|mlflow ROWS.jsonl`: the seconds that each step takes. A row has `question` and `answer`.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RATERS = 8
LOOKED_UP = 20
PORT = 58431
Steps = Mapping[str, Callable[[], Any]]


def run(steps: Steps) -> dict[str, float]:
    """The seconds of each step, one after the other."""
    seconds = {}
    for name, step in steps.items():
        started = time.perf_counter()
        step()
        seconds[name] = time.perf_counter() - started
    return seconds


def rate_at_once(rate: Callable[[Any], Any], rows: Sequence[Any]) -> None:
    with ThreadPoolExecutor(RATERS) as raters:
        list(raters.map(rate, rows))


def run_kiln(rows: Sequence[dict[str, str]], folder: Path) -> dict[str, float]:
    """Kiln keeps a folder with a file for each row; a rating writes that file again."""
    from kiln_ai.adapters.fine_tune.dataset_formatter import DatasetFormat, DatasetFormatter  # noqa: PLC0415
    from kiln_ai.datamodel import (  # noqa: PLC0415
        DatasetSplit,
        DatasetSplitDefinition,
        DataSource,
        Project,
        Task,
        TaskOutput,
        TaskOutputRating,
        TaskRun,
    )
    from kiln_ai.datamodel.datamodel_enums import ChatStrategy  # noqa: PLC0415

    project = Project(name="bench", path=folder / "project.kiln")
    project.save_to_file()
    task = Task(name="bench", instruction="You answer briefly.", parent=project)
    task.save_to_file()
    source = DataSource(type="human", properties={"created_by": "bench"})
    made: list[TaskRun] = []

    def create() -> None:
        for row in rows:
            output = TaskOutput(output=row["answer"], source=source)
            made.append(TaskRun(parent=task, input=row["question"], input_source=source, output=output))
            made[-1].save_to_file()

    # Kept in memory: who looks a row up while another is saved may read half a file.
    def rate(row: TaskRun) -> None:
        row.output.rating = TaskOutputRating(value=4)
        row.save_to_file()

    def export() -> None:
        parts = [DatasetSplitDefinition(name="all", percentage=1.0)]
        split = DatasetSplit.from_task("all", task, parts)
        split.save_to_file()
        writer = DatasetFormatter(dataset=split, system_message="You answer briefly.")
        writer.dump_to_file("all", DatasetFormat.OPENAI_CHAT_JSONL, ChatStrategy.single_turn, folder / "all.jsonl")

    return run(
        {
            "create": create,
            "list": lambda: task.runs(readonly=True),
            "look_up": lambda: [TaskRun.from_id_and_parent_path(str(row.id), task.path) for row in made[:LOOKED_UP]],
            "rate": lambda: rate_at_once(rate, made),
            "export": export,
        }
    )


def run_mlflow(rows: Sequence[dict[str, str]], folder: Path) -> dict[str, float]:
    """MLflow keeps rows as traces, and ratings as feedback on them."""
    os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
    import mlflow  # noqa: PLC0415 - after its settings

    with _serve_mlflow(folder) as address:
        mlflow.set_tracking_uri(address)
        experiment = mlflow.set_experiment("bench")
        ids: list[str] = []

        def create() -> None:
            for row in rows:
                with mlflow.start_span("row") as span:
                    span.set_inputs({"question": row["question"]})
                    span.set_outputs({"answer": row["answer"]})
                ids.append(span.trace_id)

        def list_all() -> list[Any]:
            return list(
                mlflow.search_traces(locations=[experiment.experiment_id], max_results=len(rows), return_type="list")
            )

        def export() -> None:
            with (folder / "all.jsonl").open("w") as file:
                for trace in list_all():
                    file.write(trace.to_json() + "\n")

        return run(
            {
                "create": create,
                "list": list_all,
                "look_up": lambda: [mlflow.get_trace(id_) for id_ in ids[:LOOKED_UP]],
                "rate": lambda: rate_at_once(
                    lambda id_: mlflow.log_feedback(trace_id=id_, name="quality", value=4), ids
                ),
                "export": export,
            }
        )


@contextmanager
def _serve_mlflow(folder: Path) -> Iterator[str]:
    """Its server as people start it, on SQLite, until the block ends."""
    address = f"http://127.0.0.1:{PORT}"
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(PORT)),
            *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(1_500):  # it takes 30 s of a processor to start
            try:
                urllib.request.urlopen(f"{address}/health")
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # also its own processes
        server.wait()


if __name__ == "__main__":
    peer, file = sys.argv[1:]
    lines = [json.loads(line) for line in Path(file).read_text().splitlines()]
    with tempfile.TemporaryDirectory(prefix="peer-bench-") as name:
        measured = {"kiln": run_kiln, "mlflow": run_mlflow}[peer](lines, Path(name))
    sys.stdout.write("\n" + json.dumps(measured) + "\n")
