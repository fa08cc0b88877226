"""What is said in words and in Python: reports, probes, explanations, and the code that reproduces a batch."""
