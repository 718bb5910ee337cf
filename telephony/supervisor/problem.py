"""What keeps the supervisor from starting, as one sentence for the person at the keyboard."""


class CannotStart(Exception):
    """Nothing was started; the text says what to do."""
