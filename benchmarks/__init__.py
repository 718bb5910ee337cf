"""What the product costs, measured: `python -m benchmarks` prints one table with ratios.

`core` needs nothing but Python. The others start the whole product on a free port base and phone
it with the SIP peers of the tests; where a rival exists, Asterisk's own `app_queue` runs in the
same process, and the calls alternate between the two.
"""
