"""What training on a Ray cluster can do: what a machine can, which it shares the trainer with. Pure."""

import msgspec

from service.providers.local.local_traits import DECIMAL, LOCAL
from service.providers.traits import Option

RAY = msgspec.structs.replace(
    LOCAL,
    name="A Ray cluster",
    needs_address=True,
    secret="The cluster's token, if it asks for one.",  # noqa: S106 - a description
    options={name: option for name, option in LOCAL.options.items() if name != "machine"}
    | {
        "folder": Option(
            description="The shared folder's path on the cluster; default: the same as on the server.",
            pattern=r"^/[A-Za-z0-9._/-]{0,300}$",
        ),
        "python": Option(
            description="The Python on the cluster that has torch and TRL; default `python`.",
            pattern=r"^[A-Za-z0-9._/-]{1,300}$",
        ),
        "cpus": Option(description="CPUs that Ray sets aside for one training; default 1.", pattern=DECIMAL),
        "gpus": Option(description="GPUs that Ray sets aside for one training; default none.", pattern=DECIMAL),
    },
)
