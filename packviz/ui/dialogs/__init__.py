"""Windows of their own: typed values, the help, the findings explained."""
