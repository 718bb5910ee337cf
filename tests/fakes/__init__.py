"""Fakes keep state and follow the real thing's grammar; they are not mocks."""
