"""A program that has nothing to do with torch."""

import collections
import sys

print(collections.Counter("packing"), len(sys.argv))
sys.exit(4)
