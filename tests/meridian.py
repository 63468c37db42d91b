"""The tests' own company, in ``tests/flows``: its flows stay as they are while the shipped ones live on.

Only tests of what ships (tests/test_shipped_flows.py, tests/test_new_flow.py, the documents) read ``dialogs/flows``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.publishing import check, read_folder
from dialogs.flow_set import FlowSet

FLOWS = Path(__file__).parent / "flows"


@cache
def files() -> dict[str, bytes]:
    return read_folder(FLOWS)


@cache
def flow_set() -> FlowSet:
    found = check(files()).flow_set
    assert found is not None
    return found
