"""What callers hear: readings, joining, recordings, installation, music."""
