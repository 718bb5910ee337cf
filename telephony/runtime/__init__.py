"""The private runtime under `.runtime/`: Asterisk, Redis and tools, unpacked without root (D1).

`build` makes and repairs it, `programs` tells the product where things are. Nothing here imports
the rest of the product, and everything but `loader` works before the Python environment exists.
"""
