"""The whole centre as one pure value machine: commands in, effects out, time handed in.

`Centre.handle(command, now)` and `Centre.wake(now)` return effects in the order in which they
must take place; `Centre.next_deadline()` says when to wake it. It has no clock, no randomness, no
input or output, and sees no personal data: a caller is a key, a typed number is its length.

It composes three parts: the trunk `lines`, the queue core (`telephony.acd`), and each caller's
place in a flow (`ivr_flows.engine`).
"""
