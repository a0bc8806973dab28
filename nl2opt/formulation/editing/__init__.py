"""Changes to formulations: made, undone and told."""
