"""The calls of a recording: which of them are shown and in what order, how two differ, and all of them at a glance."""
