"""The provider we ship: a small server that speaks OpenAI's fine-tuning wire format, learns modestly and for real.

It stands alone, as a provider does: nothing here imports the rest of Tuneledger.
"""

PORT = 8399
