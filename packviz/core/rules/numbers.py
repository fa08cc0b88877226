"""Rules about NaN and infinities in x."""
