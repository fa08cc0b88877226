"""What the cells of x say: padding, data, masks, the layout, and the evidence that the rules look at."""
