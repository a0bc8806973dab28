"""Other readings of a problem: what is taken for granted, what else may be meant, and how far that moves the answer."""
