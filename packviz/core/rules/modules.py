"""Rules about the module and its initial state: whether the batch goes through it, and how its results are laid out."""
