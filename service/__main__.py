"""The server's commands, as `python -m service`. Settings come from the environment; docs/settings.md lists them.

`tuneledger`, which is the client's command line, finds the same by the entry points in pyproject.toml.
"""

from importlib import import_module

import click

COMMANDS = {
    "api": "http_servers:api",
    "backup": "backup:backup",
    "demo": "demo:demo",
    "keys": "keys:keys_",
    "metrics": "http_servers:metrics",
    "migrate": "maintenance:migrate",
    "openapi": "openapi:openapi",
    "rebuild": "maintenance:rebuild",
    "reencrypt": "maintenance:reencrypt",
    "restore": "backup:restore",
    "sandbox": "sandbox:sandbox",
    "serve": "serve:serve_",
    "witness": "sealed_sizes:witness_",
    "worker": "worker:worker_",
}


class Commands(click.Group):
    """A command's module is imported when it is called: the sandbox needs no API to start."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"service.cli.{module}"), attribute)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tuneledger's server, its workers and its database."""


if __name__ == "__main__":
    main()
