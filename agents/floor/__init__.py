"""What concerns the whole room: who does what, news, messages, notices, card work."""
