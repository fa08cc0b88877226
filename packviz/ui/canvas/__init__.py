"""What every pane of cells paints with: the canvas, its layers and rulers, and the one map from cells to pixels."""
