"""The queue core: entries, agents, offers. Pure.

Five primitives carry everything here:

* an **entry** is a waiting call's place in a queue; it keeps its place until somebody has
  really answered, or the caller is gone;
* an **agent** is in exactly one state, and only `transitions` says which state follows which;
* an **offer** is one attempt to give one call to one agent; it has a number, so that a late
  fact about the first attempt cannot end the second;
* the **board** is the index of who waits and who is free, so that nothing is ever scanned;
* a **deadline** is data: nobody here sleeps, waits or reads a clock.

`Acd` has no `handle` of its own: `telephony.centre` composes it with the flows, and is the one
place where commands come in and effects go out.
"""
