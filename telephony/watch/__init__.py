"""Whether everything we depend on does its work, told in time and in a sentence.

`probes` measures, `alarms` judges what was measured (pure, time handed in), `sentences` says what
to do about it, `watch` runs them. That Asterisk does not do its work is told to the core as a fact:
it then offers nobody until the next one (D7, decision 0012).
"""
