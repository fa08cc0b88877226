"""Asking the installed torch what it does with a call: here, or in a process of its own where it may crash."""
