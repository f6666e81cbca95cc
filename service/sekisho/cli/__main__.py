"""`python -m sekisho.cli`."""

from sekisho.cli.main import main

main()
