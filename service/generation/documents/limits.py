"""How much of a document is read. These numbers bound what a hostile file can cost."""

MAX_BYTES = 32 * 1024 * 1024
MAX_PAGES = 2_000
MAX_CHARACTERS = 4_000_000  # of extracted text: some 600,000 words
MAX_LINES = 200_000  # of Markdown
MAX_BLOCKS = 200_000

# PDF. A page is drawn with operators; a dense page has about 5,000.
MAX_OPERATORS = 5_000_000
MAX_SECONDS = 60  # of this thread's CPU time, so that a busy machine reads as much as an idle one
MAX_OPERATORS_OF_A_STREAM = 400_000
MAX_STREAM = 16 * 1024 * 1024  # bytes of one stream, unpacked
MAX_FORMS_OF_A_PAGE = 300
MAX_OBJECTS = 500_000  # entries of the cross-reference table
MAX_DEPTH = 64  # of the tree of pages

# DOCX. Word's own XML compresses to about a tenth.
MAX_PARTS = 1_000
MAX_XML = 32 * 1024 * 1024  # bytes of one XML part, unpacked
MAX_UNPACKED = 128 * 1024 * 1024  # bytes of all parts
MAX_RATIO = 200  # unpacked to packed size; checked for parts above RATIO_FROM bytes
RATIO_FROM = 1024 * 1024

MAX_TITLE_LENGTH = 300  # characters
MAX_FINDINGS = 100  # of one document; the last one counts the rest
