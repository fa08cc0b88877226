"""Rules about masks: passed as lengths, or beside x."""
