"""A carrier that sends what no carrier should, while citizens call: rows A1, A7, A9 and F14.

The mutations are our own, in the spirit of RFC 4475's torture messages and of the PROTOS suite.
Everything is drawn from one seed, so that whatever breaks can be sent again.
"""
