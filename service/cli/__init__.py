"""The server's command line, a module for each part of it: what a command does not need is not imported for it."""
