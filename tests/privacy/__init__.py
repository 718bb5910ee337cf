"""The My Number guard."""
