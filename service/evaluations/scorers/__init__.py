"""Scorers: each measures one answer by one rule, and says what the answers of a whole evaluation come to. Pure."""
