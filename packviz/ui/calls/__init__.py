"""The calls of a recording in the window: the list, what narrows it, and the strip over all of them."""
