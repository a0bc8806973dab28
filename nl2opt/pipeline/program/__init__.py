"""The program route: a chat model writes a program, and the sandbox runs it."""
