"""Names of files of weights, by which they are known without being read."""

ENDINGS = (".tar.zst", ".tar.gz", ".tgz", ".tar")
# Read by no one here, and some run code when they are read.
LEFT_OUT = frozenset({".py", ".pyc", ".so", ".bin", ".pt", ".pth", ".pkl", ".pickle", ".sh", ".exe", ".dll"})


def is_archive(name: str) -> bool:
    return name.endswith(ENDINGS)
