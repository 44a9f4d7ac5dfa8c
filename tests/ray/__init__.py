"""Real training on a real Ray cluster of one machine: `make test-ray`. It needs Ray and some minutes."""
