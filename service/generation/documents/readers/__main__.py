"""Reads one document from standard input and says what it is on standard output, under limits of its own."""

import resource
import sys

import msgspec

from service.generation.documents.readers.reader import read_document
from service.generation.documents.subprocess_reader import CPU_SECONDS, MEMORY_BYTES


def main(name: str, declared: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    found = read_document(sys.stdin.buffer.read(), name=name, declared=declared or None)
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


main(*sys.argv[1:])
