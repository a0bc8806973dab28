"""What can be read off a person's text without a language model."""
