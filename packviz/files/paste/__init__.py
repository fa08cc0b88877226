"""Text from the clipboard: prints, code and tables become a batch, error messages an explanation. Never eval."""
