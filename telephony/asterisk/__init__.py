"""Asterisk's files, generated into the home from the site, and how that Asterisk is started.

Never edited by hand: `render` is a pure function from the site to the text of every file, `write`
puts them into the home and says what changed. The dialplan is "into Stasis", and a safety net for
the minutes when no controller is there.
"""
