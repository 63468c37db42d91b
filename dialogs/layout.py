"""Where boxes and arrows of a drawing stand: rows from top to bottom, arrows between the rows, nothing over anything.

The classic way (Sugiyama, Gansner): every box gets a row; an arrow that passes rows gets a narrow place in each, and
one wide enough for its label; places in a row are ordered so that few arrows cross, then moved to their neighbours.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

APART = 26.0  # between neighbours in a row
GAP = 24.0  # between rows, at least
LANE = 10.0  # what a passing arrow takes
SWEEPS = 12

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """``x``, ``y``: its upper left corner."""

    key: str
    width: float
    height: float
    x: float = 0
    y: float = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """Between two different boxes. ``points``: pairs, each the two ends of a straight piece; curves join the pairs.

    ``back``: it leads up. ``label``: its place, of the size that was asked for; None for an arrow without.
    """

    source: str
    target: str
    width: float = 0
    height: float = 0
    points: tuple[Point, ...] = ()
    label: Box | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class Laid:
    boxes: Mapping[str, Box]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


def lay(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Laid:
    """``boxes`` in reading order: an arrow to an earlier one leads back up."""
    drawing = _Drawing(boxes, arrows)
    drawing.order()
    drawing.place()
    return drawing.laid()


@dataclass(slots=True, eq=False)
class _Spot:
    """A place in a row: a box, or an arrow passing."""

    row: int
    width: float
    height: float
    passes: bool
    x: float = 0  # of its middle
    at: int = 0  # its number in the row


class _Drawing:
    def __init__(self, boxes: Sequence[Box], arrows: Sequence[Arrow]) -> None:
        self.boxes, self.arrows = boxes, arrows
        numbers = {box.key: number for number, box in enumerate(boxes)}
        self.back = [numbers[one.target] < numbers[one.source] for one in arrows]
        rows = self._rows(numbers)
        self.spots = {box.key: _Spot(rows[box.key], box.width, box.height, passes=False) for box in boxes}
        self.rows: list[list[_Spot]] = [[] for _ in range(max(rows.values(), default=0) + 1)]
        for box in boxes:
            self.rows[rows[box.key]].append(self.spots[box.key])
        self.chains = [self._chain(arrow, back=back) for arrow, back in zip(arrows, self.back, strict=True)]
        self.above: dict[_Spot, list[_Spot]] = defaultdict(list)
        self.below: dict[_Spot, list[_Spot]] = defaultdict(list)
        for chain in self.chains:
            for upper, lower in itertools.pairwise(chain):
                self.below[upper].append(lower)
                self.above[lower].append(upper)

    def _ends(self, arrow: Arrow, *, back: bool) -> tuple[str, str]:
        """The upper box and the lower one."""
        return (arrow.target, arrow.source) if back else (arrow.source, arrow.target)

    def _rows(self, numbers: Mapping[str, int]) -> dict[str, int]:
        """Boxes stand in even rows, each below all that leads to it; labels in the odd ones."""
        into: dict[str, list[str]] = defaultdict(list)
        for arrow, back in zip(self.arrows, self.back, strict=True):
            upper, lower = self._ends(arrow, back=back)
            into[lower].append(upper)
        rows: dict[str, int] = {}
        for key in numbers:
            rows[key] = max((rows[upper] + 2 for upper in into[key]), default=0)
        return rows

    def _chain(self, arrow: Arrow, *, back: bool) -> list[_Spot]:
        """From the upper box to the lower one, with a spot in every row between."""
        upper, lower = (self.spots[key] for key in self._ends(arrow, back=back))
        labelled = lower.row - 1 if back else upper.row + 1
        between = []
        for row in range(upper.row + 1, lower.row):
            here = row == labelled and arrow.width > 0
            spot = _Spot(row, arrow.width if here else LANE, arrow.height if here else 0, passes=True)
            self.rows[row].append(spot)
            between.append(spot)
        return [upper, *between, lower]

    # ------------------------------------------------------------ who stands beside whom

    def order(self) -> None:
        """Sweep down and up, each spot to the middle of its neighbours; the order with the fewest crossings stays."""
        self._count_off(self.rows)
        best, fewest = [list(row) for row in self.rows], self._crossings()
        for sweep in range(SWEEPS):
            beside = self.above if sweep % 2 == 0 else self.below
            for row in self.rows if sweep % 2 == 0 else reversed(self.rows):
                middles = {spot: _mean((one.at for one in beside[spot]), spot.at) for spot in row}
                row.sort(key=lambda spot: middles[spot])
                self._count_off([row])
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best
        self._count_off(self.rows)

    def _count_off(self, rows: Iterable[Sequence[_Spot]]) -> None:
        for row in rows:
            for number, spot in enumerate(row):
                spot.at = number

    def _crossings(self) -> int:
        count = 0
        for row in self.rows:
            ends = [(spot.at, lower.at) for spot in row for lower in self.below[spot]]
            count += sum((a - c) * (b - d) < 0 for n, (a, b) in enumerate(ends) for c, d in ends[:n])
        return count

    # ------------------------------------------------------------ how far to the right

    def place(self) -> None:
        for row in self.rows:
            _spread(row, [0.0] * len(row), [1.0] * len(row))
        for sweep in range(2 * SWEEPS + 1):  # the last one down: what follows alone stands straight below
            sides = (self.above,) if sweep % 2 == 0 else (self.below,)
            for row in self.rows if sweep % 2 == 0 else reversed(self.rows):
                wanted, weights = [], []
                for spot in row:
                    near = [one for side in sides for one in side[spot]]
                    pulls = [8.0 if spot.passes and one.passes else 2.0 if one.passes else 1.0 for one in near]
                    total = sum(pulls)
                    pulled = sum(one.x * pull for one, pull in zip(near, pulls, strict=True))
                    wanted.append(pulled / total if total else spot.x)
                    weights.append(total or 0.1)
                _spread(row, wanted, weights)

    # ------------------------------------------------------------ the result

    def laid(self) -> Laid:
        left = min((spot.x - spot.width / 2 for row in self.rows for spot in row), default=0)
        for row in self.rows:
            for spot in row:
                spot.x = round(spot.x - left, 2)
        tops, bottoms = self._heights()
        placed = {
            box.key: Box(box.key, box.width, box.height, spot.x - spot.width / 2, tops[spot.row])
            for box in self.boxes
            for spot in (self.spots[box.key],)
        }
        arrows = self._routes(placed, tops, bottoms)
        width = max((spot.x + spot.width / 2 for row in self.rows for spot in row), default=0)
        return Laid(placed, tuple(arrows), width, bottoms[-1])

    def _heights(self) -> tuple[list[float], list[float]]:
        """Top and bottom of every row. The farther arrows go sideways between two rows, the more room there is."""
        tops, bottoms, y = [], [], 0.0
        for row in self.rows:
            tops.append(y)
            bottoms.append(y + max((spot.height for spot in row), default=0))
            aside = max((abs(spot.x - lower.x) for spot in row for lower in self.below[spot]), default=0)
            empty = not any(spot.height for spot in row)
            y = bottoms[-1] + (0 if empty and not aside else GAP / 2 + min(GAP, aside / 10))
        return tops, bottoms

    def _routes(self, placed: Mapping[str, Box], tops: Sequence[float], bottoms: Sequence[float]) -> Iterable[Arrow]:
        leaves, comes = self._ports(down=True), self._ports(down=False)
        for number, (arrow, chain, back) in enumerate(zip(self.arrows, self.chains, self.back, strict=True)):
            upper, lower = (placed[key] for key in self._ends(arrow, back=back))
            out, into = leaves[number], comes[number]
            points: list[Point] = [(out, upper.y + upper.height), (out, bottoms[chain[0].row])]
            for spot in chain[1:-1]:
                points += [(spot.x, tops[spot.row]), (spot.x, bottoms[spot.row])]
            points += [(into, lower.y), (into, lower.y)]
            wide = next((spot for spot in chain[1:-1] if spot.height), None)
            label = None
            if wide:
                label = Box("", arrow.width, arrow.height, wide.x - arrow.width / 2, tops[wide.row])
            route = tuple(reversed(points)) if back else tuple(points)
            yield Arrow(arrow.source, arrow.target, arrow.width, arrow.height, route, label, back)

    def _ports(self, *, down: bool) -> list[float]:
        """Where each arrow touches its upper (``down``) or lower box: side by side, in the order in which they go."""
        here, beside = (0, 1) if down else (-1, -2)
        touching: dict[_Spot, list[int]] = defaultdict(list)
        for number, chain in enumerate(self.chains):
            touching[chain[here]].append(number)
        ports = [0.0] * len(self.chains)
        for spot, numbers in touching.items():
            numbers.sort(key=lambda number: self.chains[number][beside].x)
            apart = min(3 * LANE, (spot.width - 2 * LANE) / len(numbers))
            touches = [_Spot(0, apart, 0, passes=True) for _ in numbers]
            _spread(touches, [self.chains[number][beside].x for number in numbers], [1.0] * len(numbers), apart=0)
            least, most = spot.x - spot.width / 2 + LANE, spot.x + spot.width / 2 - LANE
            for place, (number, touch) in enumerate(zip(numbers, touches, strict=True)):
                room = apart * place, apart * (len(numbers) - 1 - place)
                ports[number] = min(max(touch.x, least + room[0]), most - room[1])
        return ports


def _mean(values: Iterable[float], otherwise: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else otherwise


def _spread(
    row: Sequence[_Spot], wanted: Sequence[float], weights: Sequence[float], *, apart: float | None = None
) -> None:
    """As near to where they want to be as their order and widths allow: least squares, by pooling whom it presses."""
    offsets = [0.0]
    for left, right in itertools.pairwise(row):
        lanes = left.passes and right.passes and not (left.height or right.height)
        between = apart if apart is not None else LANE if lanes else APART
        offsets.append(offsets[-1] + (left.width + right.width) / 2 + between)
    pools: list[tuple[float, float, int]] = []  # (mean, weight, how many)
    for want, weight, offset in zip(wanted, weights, offsets, strict=False):
        mean, total, count = want - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, more, size = pools.pop()
            mean = (mean * total + other * more) / (total + more)
            total, count = total + more, count + size
        pools.append((mean, total, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    for spot, mean, offset in zip(row, means, offsets, strict=False):
        spot.x = mean + offset
