"""Everything that is done to the bot on purpose: ``make torture`` runs the long form, ``make test`` a sample."""
