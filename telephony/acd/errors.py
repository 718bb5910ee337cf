"""What the queue core says when a request cannot be granted."""


class Rejected(Exception):
    """The request does not fit the present state; nothing has changed."""
