"""A world of its own time: the real bot, the real client libraries, both emulators, one loop whose clock jumps.

Nothing waits for real: when nobody has anything to do, the clock goes to the next timer. The network is memory, SQLite
is called in line, dice are seeded; so seventy-two hours take seconds, and the same seed gives the same trace.
"""
