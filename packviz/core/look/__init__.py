"""How things look: the colours of cells and states, and the light and the dark theme."""
