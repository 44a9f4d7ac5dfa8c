"""Datasets: examples, their ratings and repairs, imports and exports, splits and frozen versions."""
