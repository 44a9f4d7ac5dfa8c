"""Documents: files of five formats read into text that keeps its structure, and split into chunks by it."""

from service.generation.documents.chunks.chunker import split
from service.generation.documents.document import Block, Chunk, Document, Finding
from service.generation.documents.readers.reader import read

__all__ = ["Block", "Chunk", "Document", "Finding", "read", "split"]
