"""The command line for people, over the HTTP API alone: tables on a terminal, JSON for programs."""
