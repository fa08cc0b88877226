"""What packviz itself writes, and reads again: batches as they stand, recordings, sessions; all in .packviz files."""
