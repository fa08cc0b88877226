"""`python -m packviz`: the same as the command `packviz`."""

import sys

from packviz.cli import main

if __name__ == "__main__":
    sys.exit(main())
