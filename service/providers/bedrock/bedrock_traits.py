"""What Amazon Bedrock can do. Source: botocore 1.44's description of `bedrock` and `bedrock-runtime`. Pure."""

from service.providers.traits import Option, Parameter, Traits

# Names as Bedrock's models have them; each model takes its own few.
SUPERVISED = {
    "epochCount": Parameter(kind="integer", minimum=1, maximum=10),
    "batchSize": Parameter(kind="integer", minimum=1, maximum=1024),
    "learningRate": Parameter(kind="number", above=0, maximum=0.1),
    "learningRateMultiplier": Parameter(kind="number", above=0),
    "learningRateWarmupSteps": Parameter(kind="integer", minimum=0, maximum=1000),
    "earlyStoppingPatience": Parameter(kind="integer", minimum=1),
    "earlyStoppingThreshold": Parameter(kind="number", minimum=0),
}

BEDROCK = Traits(
    name="Amazon Bedrock",
    formats={"supervised": "bedrock_conversation"},
    identity="request_token",
    parameters={"supervised": SUPERVISED},
    options={
        "region": Option(description="The region, such as us-east-1.", required=True, pattern="^[a-z0-9-]{1,40}$"),
        "bucket": Option(
            description="The bucket for files, as s3://bucket or s3://bucket/folder.",
            required=True,
            pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,62}(/[A-Za-z0-9._/-]{0,200})?$",
        ),
        "role_arn": Option(
            description="The role that Bedrock reads and writes the bucket with.",
            required=True,
            pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]{1,500}$",
        ),
        "storage_url": Option(description="Another address of S3.", pattern="^https?://[!-~]{1,500}$"),
        "runtime_url": Option(description="Another address of Bedrock's runtime.", pattern="^https?://[!-~]{1,500}$"),
    },
    secret="AWS keys as JSON: access_key_id, secret_access_key and, if needed, session_token.",  # noqa: S106 - a description
    max_examples=20_000,
    suffix_length=26,  # of Bedrock's 63: the rest carries the token by which a job is found again
    seed=False,
    metrics=True,
    deployment="needed",
    deletes_models=True,
)
