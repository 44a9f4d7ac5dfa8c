"""Find secrets that have a known form: keys of services, private keys, passwords in addresses. Pure."""

import re
from collections.abc import Iterator

import msgspec
from detect_secrets.plugins import (
    aws,
    azure_storage_key,
    basic_auth,
    github_token,
    mailchimp,
    npm,
    sendgrid,
    slack,
    square_oauth,
    stripe,
    twilio,
)

# The library's other plugins look for any text beside a word such as `password`: in conversations, mostly in vain.
LIBRARY = {
    "aws_key": aws.AWSKeyDetector.denylist,
    "azure_key": azure_storage_key.AzureStorageKeyDetector.denylist,
    "password_in_url": basic_auth.BasicAuthDetector.denylist,
    "github_token": github_token.GitHubTokenDetector.denylist,
    "mailchimp_key": mailchimp.MailchimpDetector.denylist,
    "npm_token": npm.NpmDetector.denylist,
    "sendgrid_key": sendgrid.SendGridDetector.denylist,
    "slack_token": slack.SlackDetector.denylist,
    "square_key": square_oauth.SquareOAuthDetector.denylist,
    "stripe_key": stripe.StripeDetector.denylist,
    "twilio_key": twilio.TwilioKeyDetector.denylist,
}
# Forms that the library lacks, or looks for in a time that grows with the square of a text.
OWN = {
    "anthropic_key": [re.compile(r"\bsk-ant-[A-Za-z0-9_-]{20,}")],
    "gitlab_token": [re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")],
    "google_key": [re.compile(r"\bAIza[A-Za-z0-9_-]{35}")],
    "hugging_face_token": [re.compile(r"\bhf_[A-Za-z0-9]{30,}")],
    "jwt": [re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{5,4000}\.[A-Za-z0-9_-]{5,}")],
    "openai_key": [re.compile(r"\bsk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{40,})")],
    "private_key": [re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY")],
    "pypi_token": [re.compile(r"\bpypi-AgE[A-Za-z0-9_-]{50,}")],
    "telegram_token": [re.compile(r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b")],
    "tuneledger_key": [re.compile(r"\btl_[A-Za-z0-9_-]{20,}")],
}
PATTERNS = {name: [*LIBRARY.get(name, ()), *OWN.get(name, ())] for name in sorted({*LIBRARY, *OWN})}
SECRET_KINDS = tuple(PATTERNS)
# What a text has to contain to be worth a search for the kind: most texts contain none.
HINTS = {
    "anthropic_key": ("sk-ant-",),
    "aws_key": ("AKIA", "ASIA", "ABIA", "ACCA", "A3T", "aws", "AWS"),
    "azure_key": ("==",),
    "github_token": ("gh",),
    "gitlab_token": ("glpat-",),
    "google_key": ("AIza",),
    "hugging_face_token": ("hf_",),
    "jwt": ("eyJ",),
    "mailchimp_key": ("-us",),
    "npm_token": ("npm_", "NPM", "_authToken"),
    "openai_key": ("sk-",),
    "password_in_url": ("://",),
    "private_key": ("PRIVATE", "PuTTY"),
    "pypi_token": ("pypi-",),
    "sendgrid_key": ("SG.",),
    "slack_token": ("xox", "hooks.slack.com"),
    "square_key": ("sq0csp-",),
    "stripe_key": ("k_live_",),
    "telegram_token": (":AA",),
    "tuneledger_key": ("tl_",),
    "twilio_key": ("AC", "SK"),
}


class LeakedSecret(msgspec.Struct, frozen=True, gc=False):
    """Where it stands in the text."""

    kind: str
    start: int
    end: int


def find_secrets(text: str) -> Iterator[LeakedSecret]:
    for kind, hints in HINTS.items():
        if not any(hint in text for hint in hints):
            continue
        for pattern in PATTERNS[kind]:
            for match in pattern.finditer(text):
                yield LeakedSecret(kind, *match.span())
