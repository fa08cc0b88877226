"""The forms in which frameworks keep batches, and how each is told: by names, by sizes, by what the numbers say.

Nothing here guesses: what is read in another way than it lies is said in `Batch.read_as`, and where two readings fit,
Undecided names the option that chooses.
"""
