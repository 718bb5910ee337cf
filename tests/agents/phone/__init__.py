"""The page as a telephone, as far as the desk has a hand in it."""
