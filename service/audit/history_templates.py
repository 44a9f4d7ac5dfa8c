"""A template for each type of event: what was done, and after the bar the details.

`{name}` is a field of the event, `{a.b}` a nested field, `{a#}` the length of a field, `{a+b}` the names of those
fields that are present, and `{a?}` writes nothing but requires the field. A part in brackets is left out when one of
its fields is absent. When a field outside brackets is absent, all details are left out.
"""

from collections.abc import Mapping

ACCESS = {
    "WorkspaceCreated": "workspace created|{name}",
    "ApiKeyCreated": "key created|*{name}* with {scopes}[, until {expires_at}]",
    "ApiKeyAssigned": "key assigned to a member",
    "ApiKeyRotated": "key rotated|the old one counts until {ends_at}",
    "ApiKeyRevoked": "key revoked",
    "MemberInvited": "member invited|*{name}* as {role}[, who is {subject} of {issuer}]",
    "MemberChanged": "member changed|{role}, {kind}[, {email}]",
    "MemberSuspended": "member suspended",
    "MemberReinstated": "member reinstated",
    "MemberIdentityLinked": "sign-in linked|{subject} of {issuer}",
    "MemberIdentityUnlinked": "sign-in unlinked",
    "WebhookCreated": "webhook created|[{settings.url}]",
    "WebhookChanged": "webhook changed|[{settings.url}]",
    "WebhookSecretRotated": "secret rotated|[the one before counts until {others_until}]",
    "WebhookReplayed": "replayed|from event {from_seq} on",
    "WebhookDisabled": "disabled|{why}, {detail}",
    "WebhookDeleted": "webhook deleted",
}
DATA = {
    "TaskCreated": "task created|{name}",
    "TaskEdited": "edited|{changed} changed",
    "DatasetCreated": "dataset created|{name}",
    "DatasetEdited": "edited|{name+description+task_id+detached} changed",
    "DatasetArchived": "archived",
    "DatasetUnarchived": "brought back",
    "SplitPolicyChanged": "split policy changed",
    "DatasetVersionFrozen": "version frozen|{name} with {examples} examples[ ({notes})]",
    "ExampleAdded": "added|[from {source.type}][ to {split}]",
    "ExampleEdited": "edited|{content+tags+metadata} changed",
    "ExampleRated": "rated|{score} by {rater}",
    "ExampleRepaired": "repaired|output changed[ ({invalid#} faults against the task)]",
    "ExampleRestored": "restored|to revision {revision}",
    "ExampleLabelled": "labelled|[from {votes#} labels]",
    "ExampleDeleted": "deleted",
    "ExampleWithdrawn": "withdrawn|with import {import_id}",
    "ExampleErased": "erased|see erasure {erasure_id}",
    "ImportStarted": "import started|{format}[ from {name}]",
    "ImportStaged": "import read|{rows} rows[, {bad} of them bad]",
    "ImportAdvanced": "import advanced|{added} examples added",
    "ImportSucceeded": "import finished|{added} examples added[, {duplicates} were there]",
    "ImportFailed": "import failed|{detail}",
    "ImportCancelRequested": "import asked to stop|[{detail}]",
    "ImportCancelled": "import cancelled|[{withdrawn} examples withdrawn]",
}
MODELS = {
    "ConnectionCreated": "connection created|[{settings.name}, ]{kind}",
    "ConnectionChanged": "connection changed|[{settings.name}][, with a new secret{new_secret?}]",
    "ConnectionDeleted": "connection deleted",
    "TuneRequested": "tune requested|{base_model} on version {dataset_version}, {train_examples} examples",
    "TuneSubmitting": "tune about to be sent|{training_file.rows} rows, sha256 {training_file.digest}",
    "TuneSubmitted": "tune sent|job {job_id}",
    "TuneProgressed": "tune progressed|{state}[, {metrics#} points measured][, {checkpoints#} checkpoints]",
    "TuneSucceeded": "tune succeeded|{provider_model}[, {trained_tokens} tokens]",
    "TuneFailed": "tune failed|{message}",
    "TuneCancelRequested": "tune asked to stop",
    "TuneCancelSent": "provider asked to stop the tune|[it refused: {refusal}]",
    "TuneCancelled": "tune cancelled",
    "ModelCreated": "model created|{name}",
    "ModelEdited": "edited|{changed} changed",
    "ModelVersionRegistered": "version registered|{model_version} from {base_model}[ on version {dataset_version}]",
    "ModelVersionNoted": "notes written|of {model_version}",
    "AliasMoved": (
        "alias moved|{alias} to {model_version}[ from {previous}]"
        "[, as a rollback{rollback?}][, against the gate{overridden?}]"
    ),
    "GateSet": "gate set",
    "RunRequested": "run requested|{kind}[, {total} {unit}]",
    "RunAdvanced": "run advanced|{done}[ of {total}]",
    "RunSucceeded": "run finished|[{done} done]",
    "RunFailed": "run failed|{detail}",
    "RunCancelRequested": "run asked to stop",
    "RunCancelled": "run cancelled",
    "CallAnswered": "model answered|[in {latency_ms} ms][, {output_tokens} tokens]",
    "CallFailed": "model did not answer|{detail}",
    "EvaluationRequested": "evaluation requested|{name} on version {dataset_version}, {split}",
    "EvaluationFinished": "evaluation finished",
    "ResultRecorded": "result recorded|{target}",
    "ResultRated": "result rated|{rating} by {rater}",
}
PROMPTS = {
    "PromptCreated": "prompt created|{name}",
    "PromptEdited": "edited|{changed} changed",
    "PromptVersionAdded": "version added|{number}[ ({notes})]",
    "PromptLabelMoved": "label moved|{label}",
    "PromptRunRequested": "run of the prompt requested|[on version {dataset_version}][, {split}]",
    "PredictionMade": "prediction made|with version {prompt_version}[, failed: {failure.detail}]",
    "GenerationCreated": "generation created|[{name}]",
    "GenerationEdited": "edited|{changed} changed",
    "GenerationRunOrdered": "run ordered|{kind}",
    "TopicsEdited": "topics edited|{added+renamed+removed}",
    "TopicsSuggested": "topics suggested|[{added#} new]",
    "DocumentAdded": "document added|[{name}, ]{size} bytes",
    "CandidateMade": "candidate made|{state}[, {detail}]",
    "CandidateAccepted": "candidate accepted|as example {example_id}",
    "CandidateRejected": "candidate rejected",
}
PEOPLE = {
    "QueueCreated": "queue created|{name}",
    "QueueEdited": "edited|{name+lease_seconds+blind+annotators+closed} changed",
    "ItemQueued": "queued|example {example_id}",
    "ItemAssigned": "assigned|to {annotator.name}",
    "ItemClaimed": "claimed|by {annotator.name} until {until}",
    "ItemSubmitted": "label submitted|[{labelled} by now]",
    "ItemWithdrawn": "label taken back|[{labelled} left]",
    "ItemSkipped": "skipped",
    "ItemReleased": "released",
    "ItemAccepted": "accepted",
    "ItemSentBack": "sent back",
    "LabelGiven": "label given|of example {example_id}",
    "LabelReviewed": "label reviewed|{verdict}",
    "LabelWithdrawn": "label taken back",
    "FeedbackGiven": (
        "feedback given|[{stars} stars][, thumbs {thumbs}][, with a comment{comment?}][, a correction{correction?}]"
    ),
    "RequestErased": "request erased",
    "RequestPromoted": "promoted|to example {example_id}",
    "RetentionChanged": "retention changed|[to {days} days]",
}
ERASURE = {
    "ErasureRequested": "erasure ordered|of {scope}[ {example_id}][ {dataset_id}]",
    "HoldersFound": "holders found|[{versions#} versions][, {tunes#} tunes][, {files#} files][, {models#} models]",
    "TextsErased": "texts erased|{kind}[, {digests#} texts][, {count} in all]",
    "ProviderCopiesDeleted": "copies at the provider deleted|{ids#} of kind {kind}[: not deleted, {refusal}]",
    "ErasureCompleted": "erasure completed",
    "WorkspaceEnded": "workspace ended|{name}, {size} events",
}
TEMPLATES: Mapping[str, str] = {**ACCESS, **DATA, **MODELS, **PROMPTS, **PEOPLE, **ERASURE}
