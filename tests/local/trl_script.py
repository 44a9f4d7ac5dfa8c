"""What somebody's own training looks like: TRL, with the two lines that report. Run in a process of its own.

`python -m tests.local.trl_script TUNE BASE ROWS OUT`; TUNELEDGER_BASE_URL and TUNELEDGER_API_KEY say where to report.
"""

import json
import sys
from pathlib import Path

from datasets import Dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

from tuneledger.training import TuneReporter


def main(tune_id: str, base: str, rows: str, out: str) -> None:
    chats = [{"messages": json.loads(line)["messages"]} for line in Path(rows).read_text().splitlines()]
    reporter = TuneReporter(tune_id)
    arguments = SFTConfig(
        output_dir=out,
        max_steps=6,
        per_device_train_batch_size=4,
        per_device_eval_batch_size=4,
        logging_steps=1,
        eval_strategy="steps",
        eval_steps=3,
        save_steps=3,
        max_length=128,
        use_cpu=True,
        report_to="none",
    )
    trainer = SFTTrainer(
        model=base,
        args=arguments,
        train_dataset=Dataset.from_list(chats),
        eval_dataset=Dataset.from_list(chats[:4]),
        peft_config=LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"),
        callbacks=[reporter],
    )
    trainer.train()
    trainer.save_model(f"{out}/tuned")
    reporter.complete("things-1", folder=f"{out}/tuned")


if __name__ == "__main__":
    main(*sys.argv[1:])
