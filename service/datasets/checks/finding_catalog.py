"""All findings that a check can have: what each means, why it matters and what to do. Pure."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
Verdict = Literal["ready", "ready_with_warnings", "not_ready"]
ChecklistName = Literal[
    "quantity", "format", "schema", "duplicates", "outliers", "source_diversity", "personal_data", "leakage"
]
MistakeName = Literal[
    "too_little_data", "inconsistent_answers", "unbalanced_categories", "test_in_training", "unreviewed_answers"
]
FixName = Literal["delete", "redact", "tag"]

CHECKLIST: Mapping[ChecklistName, str] = {
    "quantity": "Enough examples, in each split and category",
    "format": "Every row can be trained on, and all are written alike",
    "schema": "Answers match the task's schema and categories",
    "duplicates": "No row repeats or contradicts another",
    "outliers": "No row is unlike all others",
    "source_diversity": "Examples come from several sources, and people have looked at them",
    "personal_data": "Neither personal data nor secrets",
    "leakage": "Nothing to test with is in the training rows",
}
MISTAKES: Mapping[MistakeName, str] = {
    "too_little_data": "Tuning on too few examples",
    "inconsistent_answers": "Answers that contradict each other, or are each written differently",
    "unbalanced_categories": "Categories with hardly any examples",
    "test_in_training": "Testing with what was trained on",
    "unreviewed_answers": "Training on answers that nobody has looked at",
}


class FindingKind(msgspec.Struct, frozen=True):
    """`title` may name values of the finding in braces; `fix` is what a bulk change can do with its rows."""

    check: ChecklistName
    severity: Severity
    title: str
    why: str
    advice: str
    fix: FixName | None = None
    mistake: MistakeName | None = None


_REFUSED = "Providers refuse a training file with such a row, with a line number of a file you have never seen."
FINDINGS: Mapping[str, FindingKind] = {
    # Quantity
    "too_few_examples": FindingKind(
        "quantity",
        "error",
        "{examples} examples to train on; under 50 are too few",
        "A model that is tuned on so few learns their wording instead of the task.",
        "Add examples: about 10 by hand, 30 made by a model and reviewed, then 1,000 synthesized.",
        mistake="too_little_data",
    ),
    "few_examples": FindingKind(
        "quantity",
        "warning",
        "{examples} examples to train on; under 200 bring little",
        "From 200 on, tuning brings a noticeable gain; from 1,000 on a strong one.",
        "Synthesize more over a topic tree, or promote requests from production.",
        mistake="too_little_data",
    ),
    "no_test_rows": FindingKind(
        "quantity",
        "warning",
        "No examples to test with",
        "Nothing can be measured that the model has not seen.",
        "Move some examples to the split test, or add new ones.",
    ),
    "few_test_rows": FindingKind(
        "quantity",
        "info",
        "{examples} examples to test with; under 30 measure little",
        "A difference of 10% between two models can be chance.",
        "Add examples to the split test.",
    ),
    "rare_category": FindingKind(
        "quantity",
        "warning",
        "{categories} of the categories have hardly any examples",
        "A model seldom answers what it has seldom seen.",
        "Add examples of these categories; `kinds` counts what there is.",
        mistake="unbalanced_categories",
    ),
    "missing_category": FindingKind(
        "quantity",
        "warning",
        "No example of {categories}",
        "The model will not learn this answer.",
        "Add examples of it, or take it out of the task.",
        mistake="unbalanced_categories",
    ),
    "dominant_category": FindingKind(
        "quantity",
        "warning",
        "{percent}% of the examples are of one category: {category}",
        "A model that always answers so is right as often.",
        "Add examples of the other categories, or remove some of this one.",
        mistake="unbalanced_categories",
    ),
    "too_few_for_target": FindingKind(
        "quantity",
        "error",
        "{target} needs at least {limit} training examples; there are {examples}",
        "The provider refuses the file.",
        "Add examples, or choose another provider.",
        mistake="too_little_data",
    ),
    "too_many_for_target": FindingKind(
        "quantity",
        "error",
        "{target} takes at most {limit} training examples; there are {examples}",
        "The provider refuses the file.",
        "Freeze a version with a filter, such as a higher rating.",
    ),
    "file_too_large": FindingKind(
        "quantity",
        "error",
        "{target} takes at most {limit} bytes; the training rows have about {bytes}",
        "The provider refuses the file.",
        "Freeze a version with a filter, or remove the longest rows.",
    ),
    # Format
    "unanswered": FindingKind(
        "format",
        "warning",
        "Rows without an answer",
        "There is nothing to learn from them yet.",
        "Answer them by a repair, a prompt run or labels, or remove them.",
        "tag",
    ),
    "blank_answer": FindingKind(
        "format",
        "error",
        "Blank answers",
        f"{_REFUSED} Where it is taken, the model learns to say nothing.",
        "Repair the answers, or remove the rows.",
        "delete",
    ),
    "blank_message": FindingKind(
        "format",
        "warning",
        "Messages without a text",
        "The model learns to answer a question that was lost.",
        "Edit the message, or remove the rows.",
        "delete",
    ),
    "untrainable": FindingKind(
        "format",
        "error",
        "Rows in which every answer has weight 0",
        _REFUSED,
        "Give one answer the weight 1, or remove the rows.",
        "delete",
    ),
    "bad_tool_arguments": FindingKind(
        "format",
        "error",
        "Tool calls whose arguments are no JSON object",
        "The model learns to write calls that no program can read.",
        "Repair the arguments, or remove the rows.",
        "delete",
    ),
    "missing_tool_result": FindingKind(
        "format",
        "error",
        "Tool calls without a result",
        _REFUSED,
        "Add the result of each call, or remove the rows.",
        "delete",
    ),
    "undeclared_tool": FindingKind(
        "format",
        "error",
        "Calls of tools that the row does not declare",
        "The model learns to call what it was not offered.",
        "Add the tool to `tools`, or remove the rows.",
        "delete",
    ),
    "same_answers": FindingKind(
        "format",
        "error",
        "Preferences whose two answers are the same",
        "There is nothing to prefer.",
        "Remove the rows.",
        "delete",
    ),
    "mixed_methods": FindingKind(
        "format",
        "error",
        "Preferences among conversations",
        "Supervised tuning takes no preferences, and preference tuning nothing else.",
        "Keep the two in datasets of their own.",
        "delete",
    ),
    "truncated_answer": FindingKind(
        "format",
        "warning",
        "Answers that look cut off",
        "The model learns to stop in the middle.",
        "Repair the answers; look for a limit of tokens where they were made.",
        "delete",
    ),
    "inconsistent_format": FindingKind(
        "format",
        "warning",
        "Rows written differently from most",
        "A good model keeps its format in 95% of its answers; it learns that from its examples.",
        "Write them as the others; `kinds` says what differs.",
        "tag",
        mistake="inconsistent_answers",
    ),
    "unfit_for_target": FindingKind(
        "format",
        "error",
        "Rows that {target} cannot train on",
        "Its format has no place for them.",
        "Remove the rows, or choose another provider or method.",
        "delete",
    ),
    "not_carried": FindingKind(
        "format",
        "warning",
        "Rows of which {target} loses a part",
        "Its format has no place for it: `kinds` says for what.",
        "Check that the rows are right without it, or choose another provider.",
        "tag",
    ),
    "too_long": FindingKind(
        "format",
        "error",
        "Rows longer than the {limit} tokens that {target} takes",
        "The provider refuses them, or cuts off their end: the answer.",
        "Shorten or remove the rows, or choose a base model with a longer context.",
        "delete",
    ),
    # Schema
    "schema_mismatch": FindingKind(
        "schema",
        "error",
        "Answers that do not match the task's schema",
        "The model learns to break the schema.",
        "Repair the answers, or change the schema.",
        "delete",
    ),
    "input_mismatch": FindingKind(
        "schema",
        "warning",
        "Inputs that do not match the task's input schema",
        "In production the model gets other inputs than it has learned from.",
        "Edit the inputs, or change the schema.",
        "tag",
    ),
    "unknown_category": FindingKind(
        "schema",
        "error",
        "Answers that name none of the task's categories",
        "The model learns a category that does not exist.",
        "Repair the answers, or add the category to the task.",
        "tag",
    ),
    # Duplicates
    "duplicate": FindingKind(
        "duplicates",
        "warning",
        "Rows that repeat another, but for case, blanks and punctuation",
        "What is there twice counts twice.",
        "Drop them; of each group one stays: in train, and the best rated.",
        "delete",
    ),
    "near_duplicate": FindingKind(
        "duplicates",
        "warning",
        "Rows that nearly repeat another",
        "They add cost and no variety.",
        "Drop them, or make more varied ones.",
        "delete",
    ),
    "contradiction": FindingKind(
        "duplicates",
        "warning",
        "The same question with another answer",
        "The model learns to guess.",
        "Keep the right answer of each; keep several only where variety is wanted.",
        "tag",
        mistake="inconsistent_answers",
    ),
    # Outliers
    "length_outlier": FindingKind(
        "outliers",
        "warning",
        "Rows far longer or shorter than the others",
        "They often hold something that went wrong: a page of HTML, a lost text.",
        "Look at some; remove what does not belong.",
        "tag",
    ),
    "language_outlier": FindingKind(
        "outliers",
        "warning",
        "Rows in a language that hardly any other row has",
        "The model learns that language too little to answer in it, and enough to slip into it.",
        "Remove them, or add more of that language.",
        "delete",
    ),
    "language_mismatch": FindingKind(
        "outliers",
        "warning",
        "Answers in another language than the question",
        "Nearly all others answer in the language of the question.",
        "Repair the answers, or say in the question which language is wanted.",
        "tag",
    ),
    # Diversity of sources
    "one_source": FindingKind(
        "source_diversity",
        "info",
        "{percent}% of the examples come from one source",
        "The model learns that source's habits.",
        "Add examples from elsewhere: production, documents, other people.",
    ),
    "mostly_synthetic": FindingKind(
        "source_diversity",
        "warning",
        "{percent}% of the examples were made by a model and looked at by nobody",
        "The tuned model repeats the other one's faults.",
        "Rate, repair or label some of them, or add examples of your own.",
        mistake="unreviewed_answers",
    ),
    "unrated": FindingKind(
        "source_diversity",
        "info",
        "{percent}% of the examples have no rating",
        "A filter such as `rating_gte` leaves them out.",
        "Rate them, or at least a sample.",
        mistake="unreviewed_answers",
    ),
    "low_rated": FindingKind(
        "source_diversity",
        "warning",
        "Examples rated under 3 stars",
        "The model learns what people found bad.",
        "Repair or remove them, or freeze with `rating_gte`.",
        "delete",
        mistake="unreviewed_answers",
    ),
    # Personal data
    "personal_data": FindingKind(
        "personal_data",
        "warning",
        "Personal data",
        "A tuned model can repeat it to anybody, and it cannot be erased from weights.",
        "Redact it. Names and places have no form and are not found: look for them yourself.",
        "redact",
    ),
    "secret": FindingKind(
        "personal_data",
        "error",
        "Secrets, such as keys and passwords",
        "A tuned model can repeat them to anybody.",
        "Redact them, and revoke them where they belong.",
        "redact",
    ),
    # Leakage
    "leakage": FindingKind(
        "leakage",
        "error",
        "Rows to test with whose question is in the training rows",
        "The test measures memory. Evaluations refuse such a split.",
        "Remove them, or move both to one side.",
        "delete",
        mistake="test_in_training",
    ),
    "near_leakage": FindingKind(
        "leakage",
        "warning",
        "Rows to test with that nearly repeat a training row",
        "The test looks better than the model is.",
        "Remove them, or move both to one side.",
        "delete",
        mistake="test_in_training",
    ),
}
