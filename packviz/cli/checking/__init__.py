"""`packviz check`: the batches of files, folders, patterns and addresses, in one process, in several, on a cluster."""
