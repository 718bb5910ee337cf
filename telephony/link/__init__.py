"""How other processes reach the controller: requests over a unix socket.

A request names its target, and is answered by what became of it: granted, or refused with one
sentence. What the controller tells of itself is in `status`.
"""
