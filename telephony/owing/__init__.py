"""What we owe to citizens: which event opens an obligation, joins it, or closes it. Pure."""
