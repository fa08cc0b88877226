"""The batch, its packing and its findings. NumPy only: neither Qt nor torch."""
