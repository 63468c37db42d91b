"""From runs to a table: medians over rounds, their spread, ratios to the peers, and what made the runs noisy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.load import Run
from bench.subjects import SUBJECTS, Subject

SPREAD = 0.15  # of the median, from the least to the most: beyond it a subject was noisy
OTHERS = 0.10  # cores taken by other programs: beyond it the machine was noisy
MEASURES = (
    "cpu_per_1000", "answers_per_second", "p50", "p99", "peak_mib", "first_answer",
    "bot_share", "network_share", "cpu_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of one subject with so many people; ``spread`` is of the processor time, 0.1 for ten per cent."""

    subject: str
    people: int
    rounds: int
    medians: dict[str, float]
    spread: float
    others: float


def summed_up(runs: Sequence[Run]) -> list[Row]:
    """One row for each subject and number of people, in the order of SUBJECTS."""
    keys = sorted({(one.people, one.subject) for one in runs}, key=lambda key: (key[0], _place(key[1])))
    return [_row(subject, people, [one for one in runs if (one.people, one.subject) == (people, subject)])
            for people, subject in keys]  # fmt: skip


def _place(subject: str) -> int:
    return [one.name for one in SUBJECTS].index(subject)


def _row(subject: str, people: int, runs: Sequence[Run]) -> Row:
    medians = {name: median(getattr(one, name) for one in runs) for name in MEASURES}
    cpu = [one.cpu_per_1000 for one in runs]
    return Row(subject, people, len(runs), medians, (max(cpu) - min(cpu)) / medians["cpu_per_1000"],
               median(one.others for one in runs))  # fmt: skip


def ratios(rows: Sequence[Row], people: int, network: str) -> dict[str, dict[str, float]]:
    """By peer: ours divided by theirs, for every measure."""
    here = {row.subject: row for row in rows if row.people == people and _subject(row.subject).network == network}
    ours = next((row for row in here.values() if _subject(row.subject).ours), None)
    if ours is None:
        return {}
    return {
        name: {measure: ours.medians[measure] / row.medians[measure] for measure in MEASURES if row.medians[measure]}
        for name, row in here.items()
        if row is not ours
    }


def _subject(name: str) -> Subject:
    return SUBJECTS[_place(name)]


def noise(rows: Iterable[Row]) -> list[str]:
    """A sentence for everything that makes the numbers doubtful."""
    said = []
    for row in rows:
        if row.spread > SPREAD:
            said.append(f"{row.subject} with {row.people}: CPU spread by {row.spread:.0%} over {row.rounds} rounds")
        if row.others > OTHERS:
            said.append(f"{row.subject} with {row.people}: other programs took {row.others:.2f} of a core")
        if row.medians["network_share"] > 0.8:
            said.append(f"{row.subject} with {row.people}: the network was busy for {row.medians['network_share']:.0%}"
                        " of the time, answers a second may be its limit")  # fmt: skip
    return said


def printed(rows: Sequence[Row], imports: dict[str, float]) -> str:
    """Everything as text. ``imports``: seconds that a bare import of each library takes."""
    lines: list[str] = []
    for network in ("telegram", "vk"):
        for people in sorted({row.people for row in rows}):
            here = [row for row in rows if row.people == people and _subject(row.subject).network == network]
            if here:
                lines += ["", *_block(here, rows, people, network)]
    if imports:
        lines += ["", "Bare imports: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in imports.items())]
    if noisy := noise(rows):
        lines += ["", "NOISY, do not quote:", *(f"  {one}" for one in noisy)]
    else:
        lines += ["", f"Quiet: no spread above {SPREAD:.0%}, other programs below {OTHERS:.0%} of a core."]
    return "\n".join(lines)


def _block(here: Sequence[Row], rows: Sequence[Row], people: int, network: str) -> list[str]:
    lines = [f"{network}, {people} people at once, medians of {here[0].rounds} rounds", HEADINGS]
    lines += [_line(row) for row in here]
    for name, ratio in ratios(rows, people, network).items():
        lines.append(
            f"    leadbot × {_subject(name).title:28}{ratio['cpu_per_1000']:>10.2f}{'':7}"
            f"{ratio['answers_per_second']:>10.2f}{ratio['p50']:>9.2f}{ratio['p99']:>9.2f}{ratio['peak_mib']:>7.2f}{ratio['first_answer']:>8.2f}"
        )
    return lines


HEADINGS = (
    f"{'':42}{'CPU s/1000':>8}{'spread':>7}{'answers/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'MiB':>7}{'first s':>8}"
    f"{'bot':>6}{'net':>6}{'after':>7}"
)
"""``bot``, ``net``: how busy the bot's core was with it and the network's with the network; ``after``: the share of the
CPU that was spent after the last answer."""


def _line(row: Row) -> str:
    m = row.medians
    return (
        f"  {_subject(row.subject).title:40}{m['cpu_per_1000']:>10.3f}{row.spread:>7.0%}"
        f"{m['answers_per_second']:>10.0f}{1000 * m['p50']:>9.1f}{1000 * m['p99']:>9.1f}{m['peak_mib']:>7.0f}"
        f"{m['first_answer']:>8.2f}"
        f"{m['bot_share']:>6.0%}{m['network_share']:>6.0%}{m['cpu_after']:>7.0%}"
    )
