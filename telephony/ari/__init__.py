"""Asterisk's REST interface in Asterisk's own words; imports nothing of ours."""
