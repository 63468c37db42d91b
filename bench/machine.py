"""What /proc tells: the processor time and memory of a process with its children, and how busy the machine is."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def cores() -> tuple[int, int]:
    """(the bot's core, the network's core): the same one where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[1 % len(allowed)]


def tree(pid: int) -> list[int]:
    """A process and everything it started that still runs."""
    found = [pid]
    for one in found:
        for children in (PROC / str(one) / "task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the tree so far, children that have ended included."""
    ticks = 0
    for one in tree(pid):
        fields = (PROC / str(one) / "stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS


def peak_mebibytes(pid: int) -> float:
    """Most memory that was resident at once, summed over the tree."""
    kibibytes = 0
    for one in tree(pid):
        told = (PROC / str(one) / "status").read_text().split("VmHWM:")
        kibibytes += int(told[1].split()[0]) if len(told) > 1 else 0
    return kibibytes / 1024


def resident_mebibytes(pid: int) -> float:
    """Memory resident now, summed over the tree."""
    pages = sum(int((PROC / str(one) / "statm").read_text().split()[1]) for one in tree(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def busy_seconds() -> float:
    """Processor time of everybody on this machine since it started, waiting for disks not included."""
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, (PROC / "stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS
