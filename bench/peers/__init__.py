"""Bots as their users write them, from the guides and templates of their libraries. Each file is a whole bot."""
