"""The whole controller in virtual time, before an Asterisk, a Redis and a SQL that keep state.

The fakes follow the real thing's grammar and keep its state; they are not mocks. Contract tests
hold them to the real ones.
"""
