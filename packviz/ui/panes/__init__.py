"""The panes of the window: the board of time panes, and the states after a step."""
