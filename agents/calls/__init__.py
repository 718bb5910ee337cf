"""What the desk knows and keeps of a call: the card, the draft, what came of it, later memos."""
