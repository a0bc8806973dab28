"""What an answer is worth, and why there is none: questions about a formulation that take more than one solve."""
