"""What is measured of everything we depend on, and what is said about it."""
