"""update: what each action makes of a state. Pure functions, one room for each kind of action."""
