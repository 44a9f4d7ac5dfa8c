"""The bundled provider: a small server with OpenAI's fine-tuning API that really trains small models.

It is independent: nothing here imports the rest of Tuneledger.
"""

PORT = 8399
