"""``python -m hybridsearch`` is the command line."""

from hybridsearch.cli import main

if __name__ == "__main__":
    main()
