"""The page as a telephone: who may be one, and the way between it and Asterisk."""
