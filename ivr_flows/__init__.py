"""What callers hear, as data, and the small engine that reads it.

A flow is a YAML file of nodes (`schema`), proved by `check`, drawn by `draw` and walked by
`engine`; `hours` answers whether a weekly table is open. `docs/flows.md` tells how to write one.
"""
