"""Members: the people and machines of a workspace, whose keys and ratings stay theirs."""
