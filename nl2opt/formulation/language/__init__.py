"""The expression language: reading texts into nodes, and writing nodes back."""
