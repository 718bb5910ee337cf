"""Simulated callers and agents, before the core alone or before the whole controller."""
