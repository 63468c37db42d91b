"""``python -m bot`` is ``leadbot``."""

from bot.cli import main

if __name__ == "__main__":
    main()
