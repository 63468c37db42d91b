"""What the bot does for a prospect, a manager, an admin, a follow-up. Names no platform.

If you know aiogram and look for Routers: there are none. A router dispatches one platform's update objects; our
events come from three channels, in batches, and share one transaction. Each channel translates its updates into
``handlers.inbound.Inbound`` at the edge (``bot/channels``), ``bot/app.py`` opens the transaction, and
``handlers.serve`` decides who answers: prospect, manager, admin, privacy or follow-ups.
"""
