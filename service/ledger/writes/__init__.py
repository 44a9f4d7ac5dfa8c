"""How a write becomes a statement, alone or together with others of its workspace."""
