"""The whole product under real calls: SIP peers, Asterisk, Redis, the controller, records.

`centre.centre` starts one instance from `site/`, a site with short times. Each of its prompts is a
tone of its own (`tones`), so that what a caller hears can be told from what they should hear.
After each test `invariants` are asserted on what the instance has kept of its calls.
"""
