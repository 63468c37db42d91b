"""How fast leadbot is, beside bots as people usually write them. ``make bench``; docs/performance.md explains."""
