"""Read one document from standard input and write the result to standard output, in a confined process."""

import sys

import msgspec

from service.generation.documents.readers.confinement import confine
from service.generation.documents.readers.reader import read_document


def main(cpu_seconds: str, name: str, declared: str) -> None:
    confine(cpu_seconds=int(cpu_seconds))
    result = read_document(sys.stdin.buffer.read(), name=name, declared=declared or None)
    sys.stdout.buffer.write(msgspec.msgpack.encode(result))


main(*sys.argv[1:])
