"""The desk's pages in Debian's Chromium, at the real centre, with a telephone at each desk."""
