"""When the centre is open, and why: the municipal calendar, pure.

`model` is what a site's calendar says, `book` answers questions of it, `year` lays a year out and
counts it against the contract. Local time is handed in; nothing here reads a clock or knows a zone.
`docs/calendar.md` tells how a calendar is written.
"""
