"""Small models of what must hold whatever the timing, checked state by state."""
