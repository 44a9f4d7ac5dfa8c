"""What an export says of its version: the card, and the signed bundle that names the data and the log."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from service.audit.worker import load_signer
from service.errors import Unavailable
from service.models.domain import ModelVersionRegistered
from service.models.exports import queries
from service.models.exports.domain import ModelExportState
from service.models.exports.model_card import CardFacts, write_card
from service.models.gates.domain import Ruling
from service.models.gates.gate_facts import GateFactsLoader
from service.models.notes.draft_facts import load_draft_facts
from service.worker.context import WorkerContext
from tuneledger.audit.bundles import CLAIMS, SIGNATURE_FILE, derive_key, export_public_key, sign_folder

CARD_FILE, KEY_FILE = "README.md", "model-signing.pub"
WORDS = {
    "adapter": "the adapter, for PEFT and vLLM",
    "merged": "the whole model in safetensors",
    "gguf-q8_0": "the whole model in 8 bits, for llama.cpp and Ollama",
    "gguf-f16": "the whole model in 16 bits, for llama.cpp and Ollama",
    "gguf-adapter": "the adapter in GGUF, to be laid over the base",
    "ollama": "`ollama create NAME -f Modelfile`",
}


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is exported."""

    workspace_id: UUID
    model: str
    version: ModelVersionRegistered
    license: str | None


async def write_export_card(
    context: WorkerContext, exported: Exported, state: ModelExportState, out: Path, *, load_gate_facts: GateFactsLoader
) -> None:
    """Write the card into the folder, from what is on record now."""
    model_id, version = state.asked.model_id, exported.version
    draft = await load_draft_facts(
        context.ledger, exported.workspace_id, model_id, version.model_version, load_gate_facts=load_gate_facts
    )
    move = await queries.find_last_move(context.engine, exported.workspace_id, model_id, version.model_version)
    made = {form: each for form, each in state.made.items() if each.skipped is None}
    card = CardFacts(
        model=exported.model,
        draft=draft,
        license=exported.license,
        dataset_digest=version.dataset_digest,
        ruling=None if move is None else msgspec.convert(move.ruling, Ruling, strict=False),
        ruled_alias=None if move is None else move.alias,
        overridden=move is not None and move.overridden,
        notes=version.notes,
        files={form: WORDS.get(form, form) for form in made if form in WORDS},
        skipped={form: each.skipped for form, each in state.made.items() if each.skipped is not None},
    )
    await asyncio.to_thread((out / CARD_FILE).write_text, write_card(card))


async def sign_export(context: WorkerContext, exported: Exported, model_id: UUID, out: Path) -> list[str]:
    """Sign the folder. Returns the files that it adds. Raises Unavailable until the log is sealed up to the version."""
    signer = load_signer(context.settings)
    log = await queries.load_log_proof(
        context.engine,
        exported.workspace_id,
        origin=signer.origin,
        model_id=model_id,
        version=exported.version.model_version,
    )
    if log is None:
        raise Unavailable("The log is not sealed up to this version yet; a running worker does that within seconds.")
    recorded: dict[str, Any] = msgspec.to_builtins(exported.version)
    claims = {"model": exported.model, **{name: recorded[name] for name in CLAIMS if name in recorded}}

    def sign() -> None:
        (out / KEY_FILE).write_bytes(export_public_key(derive_key(signer.keys[0])))
        name = f"{exported.model} {exported.version.model_version}"
        sign_folder(out, name=name, version=claims, log=log, signer=signer.origin, keys=signer.keys)

    await asyncio.to_thread(sign)
    return [KEY_FILE, SIGNATURE_FILE]
