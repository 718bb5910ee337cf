"""Tests against the real Asterisk of the private runtime."""
