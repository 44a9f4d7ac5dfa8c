"""The server's commands. The entry points in pyproject.toml name the same, for `tuneledger`."""

from tuneledger.cli.lazy_command import LazyCommand

api = LazyCommand(
    "api",
    "service.cli.http_servers:api",
    "Serve requests, in as many processes as the settings say, until SIGTERM or SIGINT.",
    hidden=True,
)
backup = LazyCommand(
    "backup",
    "service.cli.backup:backup",
    "Write the database into FILE. It may be in use meanwhile; keep the secret key and the signing keys apart.",
)
demo = LazyCommand(
    "demo", "service.cli.demo:demo", "Walk the whole loop on real input, from a file of examples to model v1.1."
)
keys = LazyCommand("keys", "service.cli.keys:keys_", "Create, list, rotate and revoke API keys.")
metrics = LazyCommand(
    "metrics",
    "service.cli.http_servers:metrics",
    "Serve the metrics on TUNELEDGER_METRICS_PORT until SIGTERM or SIGINT.",
    hidden=True,
)
migrate = LazyCommand("migrate", "service.cli.maintenance:migrate", "Migrate the database to the current version.")
openapi = LazyCommand("openapi", "service.cli.openapi:openapi", "Write the OpenAPI document.")
rebuild = LazyCommand(
    "rebuild", "service.cli.maintenance:rebuild", "Rebuild the read tables from the events, and print what differed."
)
reencrypt = LazyCommand(
    "reencrypt",
    "service.cli.maintenance:reencrypt",
    "Encrypt every stored secret with the first of TUNELEDGER_SECRET_KEY. Exit code 1: some cannot be read.",
)
restore = LazyCommand(
    "restore",
    "service.cli.backup:restore",
    "Restore FILE into an empty database, and compare its tables with its log and its log with the checkpoint.",
)
sandbox = LazyCommand(
    "sandbox", "service.cli.sandbox:sandbox", "Run the sandbox, a local fine-tuning provider for experiments."
)
serve = LazyCommand(
    "serve",
    "service.cli.serve:serve_",
    "Serve the API with a worker, on DATABASE_URL or an embedded Postgres, and print the first key once.",
)
witness = LazyCommand("witness", "service.cli.sealed_sizes:witness_", "List or forget what this machine has sealed.")
worker = LazyCommand(
    "worker",
    "service.cli.worker:worker_",
    "Run a worker for imports, tunes and other background work. Start any number of them.",
)
