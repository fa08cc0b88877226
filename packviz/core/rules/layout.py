"""Rules about the layout of x: which of its first two dimensions are the rows."""
