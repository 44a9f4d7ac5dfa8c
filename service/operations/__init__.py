"""Operations: background work, its progress and result, and how to cancel it."""
