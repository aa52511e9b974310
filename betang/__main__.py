"""`python -m betang` is the command `betang`."""

from betang.cli.main import main

if __name__ == "__main__":
    main()
