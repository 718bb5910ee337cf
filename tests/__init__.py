"""Tests of the whole product; `tests.sip` holds the telephones they call with."""
