"""Requests to the controller, from both ends."""
