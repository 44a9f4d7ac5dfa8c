"""Labels: annotators' answers about examples, the queues they work from, their agreement and their consensus."""
