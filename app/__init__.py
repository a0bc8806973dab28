"""The faces of nl2opt: the command line."""
