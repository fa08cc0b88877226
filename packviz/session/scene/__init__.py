"""resolve: from a state to all that is drawn, in parts that stay the same objects while their inputs do."""
