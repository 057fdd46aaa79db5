"""`python -m lianfang` is the command line."""

from lianfang.commands import main

main()
