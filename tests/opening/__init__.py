"""The municipal calendar: every edge, every layer, and a slow reference beside it."""
