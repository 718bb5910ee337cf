"""Obligations that keep their numbers, as the ledger's table would."""

from config.database import DatabaseFailed


class FakeOwing:
    """The numbers of the open ones. `away`: the database does not answer."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}
        self.away = False
        self.asked = 0

    async def number_of(self, obligation: str) -> str | None:
        """As the ledger has it."""
        self.asked += 1
        if self.away:
            raise DatabaseFailed("away")
        return self.numbers.get(obligation)
