"""Tables, queries (one verb each) and migrations. Never commits: the transaction belongs to ``bot/app.py``."""
