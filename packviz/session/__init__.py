"""One frozen state, actions in, scene out. Pure Python, but for jobs.py and store.py, which need QtCore."""
