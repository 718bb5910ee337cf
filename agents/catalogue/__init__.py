"""The words of the desk as data: reasons, dispositions, states, and what a menu path says.

They ship with the product; a site's `desk/` folder may replace each file. Every code that was ever
written into a record stays readable, so a topic that is gone gets `until` and is not deleted.
"""
