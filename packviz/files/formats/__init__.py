"""One file for each format of a file: `sniff` says whether it is one, `read` reads it."""
