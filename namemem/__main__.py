"""`python -m namemem` is `namemem`."""

from namemem.cli import main

main()
