"""`python -m service.integrations.hub_upload`: upload a folder to the Hub, in a process that ends with its library.

Reads an Upload as one line of JSON from its input, so that the token is in no list of processes; prints one line.
"""

import sys
from typing import Literal

import msgspec

RepositoryType = Literal["model", "dataset"]


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    token: str
    folder: str
    repository: str
    private: bool
    message: str
    type: RepositoryType


class Uploaded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`refused`: why the Hub did not take it, and `is_final` whether for good."""

    refused: str = ""
    is_final: bool = False


def upload(job: Upload) -> Uploaded:
    """Create the repository if it is not there, and commit what is new. The same again commits nothing."""
    # Imported here: the worker knows the structs, and the library only this process.
    from huggingface_hub import HfApi  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415

    api = HfApi(endpoint=job.url, token=job.token)
    try:
        api.create_repo(job.repository, repo_type=job.type, private=job.private, exist_ok=True)
        api.upload_folder(
            repo_id=job.repository, repo_type=job.type, folder_path=job.folder, commit_message=job.message
        )
    except HfHubHTTPError as error:
        status = error.response.status_code
        detail = f"The Hub answered {status}: {error.server_message or error}".replace(job.token, "…")
        return Uploaded(refused=detail[:1_000], is_final=400 <= status < 500 and status not in {408, 429})  # noqa: PLR2004
    except (OSError, ValueError, RuntimeError) as error:  # what the library raises where a server is no Hub
        return Uploaded(refused=f"The Hub could not be asked: {error}".replace(job.token, "…")[:1_000])
    return Uploaded()


def main() -> None:
    uploaded = upload(msgspec.json.decode(sys.stdin.readline(), type=Upload))
    sys.stdout.write(msgspec.json.encode(uploaded).decode() + "\n")


if __name__ == "__main__":
    main()
