"""Write a row of chat JSONL in the format of a provider's training file."""
