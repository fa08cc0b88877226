"""Qt. One file a pane. No torch, and no arithmetic on data: a view draws the parts of a scene."""
