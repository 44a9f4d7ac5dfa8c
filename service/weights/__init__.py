"""Weights in the forms people use: GGUF, merged safetensors and adapters, made without torch."""
