"""What the desk keeps of calls."""
