"""What must survive: call records, their timelines, and who did what when, as rows in SQL.

One writer, the controller's publisher, hands in journal entries as `changes`; `Records.apply`
writes them and the journal position in one transaction. Values come out, never rows.
"""
