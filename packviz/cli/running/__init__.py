"""`packviz run`: a program run as python runs it, and what is noted of it. Nothing here loads NumPy before it does."""
