"""Rules about what is given: the dimensions of x, the shape, device and numbers of the lengths, total_length."""
