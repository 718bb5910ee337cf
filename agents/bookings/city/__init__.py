"""The city's reservation system: what passes between it and us, in which form, and by which way.

`port.CityAdapter` is the form; `csv_adapter` (files that people carry) and `json_adapter` (signed
letters over HTTP) are the two there are. Whatever the form, `taking` is what becomes of it.
"""
