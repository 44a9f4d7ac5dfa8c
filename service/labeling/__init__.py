"""Labels: who said what of which example, in queues or outside, how far they agree, and what it comes to."""
