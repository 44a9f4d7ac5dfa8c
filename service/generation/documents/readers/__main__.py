"""Read one document from standard input and write the result to standard output, under CPU and memory limits."""

import resource
import sys

import msgspec

from service.generation.documents.readers.reader import read_document
from service.generation.documents.subprocess_reader import CPU_SECONDS, MEMORY_BYTES


def main(name: str, declared: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    result = read_document(sys.stdin.buffer.read(), name=name, declared=declared or None)
    sys.stdout.buffer.write(msgspec.msgpack.encode(result))


main(*sys.argv[1:])
