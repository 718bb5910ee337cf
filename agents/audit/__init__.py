"""The audit log 監査記録: who saw and did what, chained so that no change stays unseen.

Theory of operation. `hash(n) = HMAC(key, hash(n-1) ‖ canonical JSON of line n)`. Whoever has not
the key of the home cannot change, remove, add or swap a line inside; the head, with a mark of its
own, tells where the log ends. Whoever has the key, or puts an old copy of the whole database back,
is found by a checkpoint kept elsewhere: `madoguchi audit head` prints one,
`audit verify --head FILE` holds the log against it. The only code that writes is `log.append`,
within the transaction of what it tells about or in one of its own, under the lock of the head.
"""
