"""What callers hear: the texts, their recordings, and the tools that keep the two together.

`prompts.yaml` holds the texts, `parts.py` the closed set that dynamic announcements are joined
from, `ja/` the recordings, `rendered.json` which text each recording speaks. The call path needs
`speak` only.
"""
