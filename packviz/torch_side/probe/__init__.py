"""The leak probe: the padding is filled with something else, and what changes has read it."""
