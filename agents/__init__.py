"""The desk 窓口端末: what people at the centre see and do, over HTTP, one process of its own.

It reaches the controller only through `telephony.link` and reads its records through
`telephony.store`. Nothing of a call depends on it: when the desk is away, telephones ring and talk.
"""
