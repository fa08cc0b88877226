"""The Python that reproduces the view."""
