"""Stepping a recurrent module over a packed batch, and comparing it with torch's own run."""
