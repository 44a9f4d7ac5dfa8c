"""Telling others' servers what was recorded: endpoints, their signed messages, and how these are delivered."""
