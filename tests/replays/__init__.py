"""Journals of real runs; each must still lead to the effects it led to then."""
