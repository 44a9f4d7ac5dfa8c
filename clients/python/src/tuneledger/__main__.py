"""The command line, `tuneledger` or `python -m tuneledger`. It needs the package's extra `cli`."""

import sys

try:
    from tuneledger.cli.commands import main
except ModuleNotFoundError as missing:
    sys.exit(f'The command line needs {missing.name}: pip install "tuneledger-client[cli]"')

__all__ = ["main"]

if __name__ == "__main__":
    main(prog_name="tuneledger")
