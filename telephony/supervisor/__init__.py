"""`madoguchi up`: starts the parts of one instance, keeps them alive, and stops them together.

Theory of operation. Each part (Redis, Asterisk, two controllers, desk) is a process in a group of
its own with its output in a file of its own, so that nothing of it depends on us: a terminal's
Ctrl-C reaches only the supervisor, and when the supervisor itself is killed every part lives on. A
note beside the home says which process a part is (pid, start time, boot), so that the next `up`
finds it again and never touches a stranger who got the same pid.

That next `up` adopts Redis and Asterisk as they are: they hold the journal and the calls. A living
controller went on taking calls meanwhile; it is ended cleanly and replaced, because the new `up`
may bring other code or another site, and a change of controllers costs no call.

One `Keeper` a part: start or adopt, watch, and start again whenever it ends, at once the first
time, later with growing pauses. Every end is heard through a pidfd, whether the process is our
child or not. A controller that ended has its lease released before the next one starts.
"""
