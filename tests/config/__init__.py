"""The home, its ports, secrets and clock, the logs and the site."""
