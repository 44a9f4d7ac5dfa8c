"""Documents: files of five formats read into text that keeps its structure, and split into chunks by it."""

from service.generation.documents.document import Block, Chunk, Document, Finding
from service.generation.documents.reading import read
from service.generation.documents.splitting import split

__all__ = ["Block", "Chunk", "Document", "Finding", "read", "split"]
