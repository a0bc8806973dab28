"""What is wrong with a formulation, or doubtful: its names and its units."""
