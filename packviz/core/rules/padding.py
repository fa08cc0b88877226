"""Rules about padding: left of the data, inside it, instead of it, and how much of it there is."""
