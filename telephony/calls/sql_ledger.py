"""The ledger of callbacks in SQL, as the shell asks it."""

from config.database import Database
from telephony.store.owing_audit import Audit, OwingAudit
from telephony.store.records import Records
from telephony.store.worklist import Worklist


class SqlLedger(Worklist):
    """The worklist, the pen, and the proof."""

    def __init__(self, database: Database, records: Records) -> None:
        super().__init__(database)
        self._records = records
        self._audit = OwingAudit(database)

    async def begin_owing(self, leader: int, now: float) -> None:
        """Note what is agreed from now on."""
        await self._records.begin_owing(leader, now)

    async def read_former(self, leader: int) -> bool:
        """Open what earlier calls owe, some at a time; whether there may be more."""
        return await self._records.read_former(leader)

    async def proof(self) -> Audit:
        """Everything again, from the records of calls."""
        return await self._audit.whole()
