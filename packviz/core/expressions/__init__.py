"""Expressions over the states of a run: parsed by a grammar of their own, evaluated over a whole pass at once."""
