"""What stays with a person after the first answer: explaining, what-if, revising, comparing, and the way back."""
