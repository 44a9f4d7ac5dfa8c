"""`python -m service.trackers.wandb_upload`: log a run to W&B, whose library starts a helper process of its own.

Reads a WandbJob as one line of JSON from its input and prints a line. The key is in its environment alone.
"""

import sys

import msgspec

from service.trackers.run_record import RunRecord


class WandbJob(msgspec.Struct, frozen=True, kw_only=True):
    project: str
    entity: str | None
    folder: str
    record: RunRecord


class WandbLogged(msgspec.Struct, frozen=True, kw_only=True):
    link: str | None


def log_run(job: WandbJob) -> WandbLogged:
    """Log everything under the tune's id: the same again goes into the same run."""
    import wandb  # noqa: PLC0415 - only this process has the library

    record = job.record
    run = wandb.init(
        project=job.project,
        entity=job.entity,
        id=record.tune_id,
        name=record.name,
        resume="allow",
        config=record.config,
        dir=job.folder,
        tags=["tuneledger"],
        settings=wandb.Settings(
            silent=True, console="off", x_disable_stats=True, x_disable_meta=True, disable_git=True, save_code=False
        ),
    )
    run.define_metric("*", step_metric="step")
    for point in record.points:
        run.log({"step": point.step, **point.values})
    run.summary.update(record.summary)
    run.finish(exit_code=0 if record.state == "succeeded" else 1)
    return WandbLogged(link=run.url)


def main() -> None:
    logged = log_run(msgspec.json.decode(sys.stdin.readline(), type=WandbJob))
    sys.stdout.write(msgspec.json.encode(logged).decode() + "\n")


if __name__ == "__main__":
    main()
