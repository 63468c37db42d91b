"""How long a network is waited for that puts us off, or that is silent. In seconds; the clock is the worker's."""

from __future__ import annotations

from collections.abc import Sequence

from bot.acts import STAYED, Ending

LONGEST = 60.0  # until a network that takes nothing is tried again, unless it asked for more
_DOUBLINGS = 16  # more make no difference: a network may be away for days, and a number has an end


def longer(first: float, times: int) -> float:
    """``first`` seconds, twice as long each time; a minute at most."""
    return min(first * 2.0 ** min(times, _DOUBLINGS), LONGEST)


class Patience:
    """What the last rounds of one channel brought, in a row. ``put_off``: those in which everything was told to wait,
    or never left; ``unclear``: those that brought nothing but unknown outcomes; ``vouched``: the network has answered
    since, a message or a question."""

    def __init__(self) -> None:
        self.put_off = self.unclear = 0
        self.vouched = True

    def weigh(self, endings: Sequence[Ending]) -> tuple[float, float]:
        """For how long nothing goes out now: as the network told everybody, and of our own accord while it is silent
        round after round (N6): it must not use up the one repeat each message has."""
        endings = [one for one in endings if one.name != STAYED]
        if not endings:
            return 0.0, 0.0
        unclear = all(one.name in ("unknown", "given_up") for one in endings)
        self.unclear, self.vouched = (self.unclear + 1, False) if unclear else (0, True)
        told = max((one.pause for one in endings if one.pause), default=0.0)
        self.put_off = self.put_off + 1 if told and all(one.pause for one in endings) else 0
        told = max(told, longer(told, self.put_off - 1)) if told else 0.0
        return told, self._own() if self.unclear > 1 else 0.0

    def doubt(self) -> None:
        """What a dead process left has an unknown outcome: before it is repeated, the network is asked."""
        self.unclear, self.vouched = max(self.unclear, 1), False

    def asked(self, *, answers: bool) -> float:
        """The network was asked a question that nobody sees; for how long to wait, 0 if it answers."""
        self.vouched = answers
        if answers:
            return 0.0
        self.unclear += 1
        return self._own()

    def _own(self) -> float:
        return longer(1.0, self.unclear - 1)
