"""What must never be kept, wherever somebody may type or say it: pure, and below everything."""
