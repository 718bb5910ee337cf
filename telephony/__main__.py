"""`python -m telephony` is `madoguchi`."""

from telephony.cli import main

main()
