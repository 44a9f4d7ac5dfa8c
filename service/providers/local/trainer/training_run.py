"""One training, from the job to the folder of its result."""

import json
import math
import shutil
import warnings
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import set_seed
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

from service.providers.local.job import (
    CHECKPOINTS_FOLDER,
    RESULT_FOLDER,
    Done,
    Evaluated,
    Job,
    Loaded,
    ResultFile,
    Rows,
)
from service.providers.local.trainer import checkpoints, local_base
from service.providers.local.trainer.disk import compute_digests, describe_size, require_free, sync_folder
from service.providers.local.trainer.failure import TrainerFailure
from service.providers.local.trainer.progress_callback import ProgressCallback, pick_measures
from service.providers.local.trainer.reporter import Reporter
from service.providers.local.trainer.stop_request import StopRequest
from service.providers.local.trainer.training_text import convert_rows, read_rows
from service.providers.local.trainer.watchdog import Watchdog
from service.providers.local.training_estimate import Plan

TRAINERS = {"supervised": (SFTTrainer, SFTConfig), "dpo": (DPOTrainer, DPOConfig), "kto": (KTOTrainer, KTOConfig)}
# A weight that is learnt, in a checkpoint: itself and AdamW's two numbers.
CHECKPOINT_BYTES, RESULT_BYTES = 12, 4
MAX_POINTS = 2000
# Transformers' own settings, a pickle; and a page that names paths of this machine.
LEFT_OUT = ("training_args.bin", "README.md")


class TrainingRun:
    """Trains once. `saved_step` and `max_steps` say how far a training is that was stopped."""

    def __init__(self, folder: Path, job: Job, reporter: Reporter, stop: StopRequest, watchdog: Watchdog) -> None:
        self._folder, self._job, self._reporter, self._stop, self._watchdog = folder, job, reporter, stop, watchdog
        self._cuda = job.device != "cpu" and torch.cuda.is_available()
        self.saved_step = 0
        self.max_steps = 0

    def train(self) -> bool:
        """Train to the end, or until somebody asks to stop; then False. Raises TrainerFailure, or StoppedEarly."""
        job = self._job
        if job.device == "cuda" and not self._cuda:
            raise TrainerFailure("invalid_job", "device=cuda, but torch finds no CUDA on this machine.")
        torch.set_num_threads(job.threads)
        set_seed(job.seed)
        self._stop.obey()
        base = local_base.find_base(job, self._folder)
        trainer, tokenizer = self._build_trainer(base)
        resumed = self._find_checkpoint(trainer)
        self._report_loaded(trainer, base, resumed)
        self._stop.obey()
        if trainer.eval_dataset is not None and resumed is None:
            self._evaluate(trainer)  # the base, to compare with
        trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
        if trainer.state.global_step < self.max_steps:
            self.saved_step = trainer.state.global_step
            if self._watchdog.is_late:
                raise TrainerFailure("out_of_time", self._watchdog.describe_time())
            return False
        measures = self._evaluate(trainer) if trainer.eval_dataset is not None else {}
        self._save(trainer, tokenizer, measures)
        return True

    def _build_trainer(self, base: Path) -> tuple[Any, Any]:
        job, rank = self._job, self._job.hyperparameters
        tokenizer = local_base.load_tokenizer(base)
        train = self._load_rows(job.train, tokenizer)
        validation = self._load_rows(job.validation, tokenizer) if job.validation else None
        weights = base
        if rank.tuned == "full" and job.start_from:
            weights = Path(job.start_from)
            local_base.refuse_unsafe(weights)
        model = local_base.load_model(weights, job, cuda=self._cuda)
        lora = None
        if rank.tuned != "full" and job.start_from:
            adapter = Path(job.start_from)
            if not (adapter / "adapter_model.safetensors").is_file():
                raise TrainerFailure("base_not_found", f"{adapter.name} has no adapter in safetensors to go on from.")
            model = PeftModel.from_pretrained(model, adapter, is_trainable=True)
        elif rank.tuned != "full":
            lora = LoraConfig(
                r=rank.lora_rank,
                lora_alpha=rank.lora_alpha or 2 * rank.lora_rank,
                lora_dropout=rank.lora_dropout,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            )
        trainer_class, config_class = TRAINERS[job.method]
        trainer = trainer_class(
            model=model,
            args=config_class(**self._build_arguments(len(train))),
            train_dataset=train,
            eval_dataset=validation,
            processing_class=tokenizer,
            peft_config=lora,
        )
        self.max_steps = self._count_steps(len(trainer.train_dataset))
        trainer.add_callback(ProgressCallback(self._reporter, self._stop, self._watchdog, max_steps=self.max_steps))
        return trainer, tokenizer

    def _build_arguments(self, rows: int) -> dict[str, Any]:
        job, given = self._job, self._job.hyperparameters
        rate = given.learning_rate or (2e-5 if given.tuned == "full" else 2e-4) * (
            1 if job.method == "supervised" else 0.1
        )
        half = self._cuda and torch.cuda.is_bf16_supported()
        arguments: dict[str, Any] = {
            "output_dir": str(self._folder / CHECKPOINTS_FOLDER),
            "num_train_epochs": given.n_epochs,
            "max_steps": given.max_steps or -1,
            "per_device_train_batch_size": given.batch_size,
            "per_device_eval_batch_size": given.batch_size,
            "gradient_accumulation_steps": given.gradient_accumulation,
            "learning_rate": rate,
            "lr_scheduler_type": given.scheduler,
            "warmup_steps": given.warmup_steps,
            "weight_decay": given.weight_decay,
            "max_grad_norm": given.max_grad_norm,
            "max_length": given.max_length,
            "logging_steps": max(1, self._count_steps(rows) // MAX_POINTS),
            "logging_nan_inf_filter": False,
            "eval_strategy": "steps" if job.validation and given.eval_steps else "no",
            "eval_steps": given.eval_steps,
            "save_strategy": "steps",
            "save_steps": given.checkpoint_steps,
            "save_total_limit": given.checkpoints_kept,
            "seed": job.seed,
            "report_to": "none",
            "use_cpu": not self._cuda,
            "bf16": half,
            "gradient_checkpointing": given.gradient_checkpointing,
            "disable_tqdm": True,
            "dataloader_num_workers": 0,
            "dataloader_pin_memory": self._cuda,
        }
        if job.method != "supervised":
            arguments["beta"] = given.beta
        return arguments

    def _count_steps(self, rows: int) -> int:
        given = self._job.hyperparameters
        if given.max_steps:
            return given.max_steps
        batches = math.ceil(rows / given.batch_size)
        return math.ceil(given.n_epochs * max(1, math.ceil(batches / given.gradient_accumulation)))

    def _load_rows(self, rows: Rows, tokenizer: Any) -> Dataset:
        return Dataset.from_list(convert_rows(read_rows(rows, self._folder), self._job, tokenizer, rows.path))

    def _find_checkpoint(self, trainer: Any) -> Path | None:
        """The newest whole one; never that of the last step, from where one step too many would be taken."""
        found = checkpoints.find_newest(self._folder, before=self.max_steps)
        self.saved_step = checkpoints.get_step(found) if found else 0
        if found is None:
            trainable = count_trainable(trainer.model)
            needed = trainable * (CHECKPOINT_BYTES * (self._job.hyperparameters.checkpoints_kept + 1) + RESULT_BYTES)
            limit = self._job.limits.disk_mb
            if limit and needed > limit * 1e6:
                raise TrainerFailure(
                    "out_of_disk",
                    f"Checkpoints and result take {describe_size(needed)}, and the job may take"
                    f" {describe_size(limit * 1e6)}: lower checkpoints_kept, or train an adapter.",
                )
            require_free(self._folder, needed, "Checkpoints and result")
        return found

    def _report_loaded(self, trainer: Any, base: Path, resumed: Path | None) -> None:
        given, method = self._job.hyperparameters, self._job.method
        trainable = count_trainable(trainer.model)
        parameters = sum(weight.numel() for weight in trainer.model.parameters())
        parameters -= trainable if given.tuned != "full" else 0
        rows = trainer.train_dataset
        longest = max(_count_tokens(rows[number]) for number in range(len(rows)))
        plan = Plan(
            method=method,
            tuned=given.tuned,
            batch_size=given.batch_size,
            tokens=min(longest, given.max_length),
            lora_rank=given.lora_rank,
            gradient_checkpointing=given.gradient_checkpointing,
            device="cuda" if self._cuda else "cpu",
        )
        self._watchdog.learn(local_base.read_shape(base, parameters), plan)
        self._reporter.emit(
            Loaded,
            base=str(base),
            device="cuda" if self._cuda else "cpu",
            parameters=parameters,
            trainable=trainable,
            train_rows=len(rows),
            validation_rows=len(trainer.eval_dataset or ()),
            step=checkpoints.get_step(resumed) if resumed else 0,
            max_steps=self.max_steps,
        )

    def _evaluate(self, trainer: Any) -> dict[str, float | None]:
        """Measure the validation rows; the callback reports it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pick_measures(trainer.evaluate(), Evaluated, prefix="eval_")

    def _save(self, trainer: Any, tokenizer: Any, measures: dict[str, float | None]) -> None:
        """Write the result's folder whole, then say so."""
        result = self._folder / RESULT_FOLDER
        part = result.with_name(f"{RESULT_FOLDER}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(result, ignore_errors=True)
        trainer.save_model(str(part))
        tokenizer.save_pretrained(part)
        for name in LEFT_OUT:
            (part / name).unlink(missing_ok=True)
        _name_base(part, self._job.base)
        sync_folder(part)
        part.rename(result)
        digests = compute_digests(result)
        self._reporter.emit(
            Done,
            step=self.max_steps,
            tuned=self._job.hyperparameters.tuned,
            files=[ResultFile(name=n, bytes=(result / n).stat().st_size, sha256=d) for n, d in digests.items()],
            sha256=checkpoints.digest_weights(digests),
            loss=measures.get("loss"),
            token_accuracy=measures.get("token_accuracy"),
            tokens=int(trainer.state.num_input_tokens_seen or 0)
            or getattr(trainer, "_total_train_tokens", None)
            or None,
        )


def count_trainable(model: Any) -> int:
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def _count_tokens(row: dict[str, Any]) -> int:
    if "input_ids" in row:
        return len(row["input_ids"])
    return len(row["prompt_ids"]) + max(
        len(row[name]) for name in row if name.endswith("_ids") and name != "prompt_ids"
    )


def _name_base(result: Path, base: str) -> None:
    """Name the base as the job does, without the path on this machine."""
    path = result / "adapter_config.json"
    if path.exists():
        config = json.loads(path.read_text())
        config["base_model_name_or_path"] = Path(base).name if Path(base).is_absolute() else base
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
