"""How long an author waits for a check: 2,000 steps in 100 files, read for the first time, again, and after one edit.

``python -m bench.authors``, in seconds of the processor's time. The steps are those of the tests' own test drive.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Mapping

from bench.subjects import ROOT
from dialogs.reading import load

FLOWS = ROOT / "tests" / "flows"
EACH = 20  # steps a file
COLD, UNCHANGED = 6.0, 1.0  # the goals


def folder(files: int, steps: int = EACH) -> dict[str, str]:
    """The tests' business and consents, and so many flows of so many steps."""
    kept = {path.relative_to(FLOWS).as_posix(): path.read_text("utf-8") for path in FLOWS.rglob("*.md")}
    business = (FLOWS / "business.yaml").read_text("utf-8")
    names = [f"test_drive{number}" for number in range(files)]
    published = re.sub(r"(?<=: )\[test_drive, courses\](?=\n  (?:vk|web)|\n\n#)", f"[{', '.join(names)}]", business)
    begun = re.sub(r"start:\n(  .*\n)+", f"start: {names[0]}\n", published)
    kept["business.yaml"] = begun.replace("flow: test_drive\n", f"flow: {names[0]}\n")
    theirs = (FLOWS / "test_drive.yaml").read_text("utf-8")
    return kept | {f"{name}.yaml": _longer(theirs, name, steps) for name in names}


def _longer(flow: str, name: str, steps: int) -> str:
    """The flow under another name, its question about the car asked once more until there are steps enough."""
    head, ask, rest = re.split(r"(?=  - id: (?:car|visit)\n)", flow, maxsplit=2)
    more = steps - len(re.findall("^  - id: ", flow, re.M))
    again = "".join(ask.replace("id: car", f"id: car_{number}") for number in range(more))
    named = head.replace("flow: test_drive\n", f"flow: {name}\n")
    return re.sub("^words: .*", f"words: [{name}]", named, flags=re.M) + ask + again + rest


def seconds(files: Mapping[str, str]) -> float:
    """The processor's time that a load takes. Raises SystemExit when the files are not sound: nothing is measured."""
    began = time.process_time()
    loaded = load(files)
    spent = time.process_time() - began
    if loaded.errors:
        raise SystemExit("\n".join(map(str, loaded.errors[:5])))
    return spent


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--files", type=int, default=100)
    given = arguments.parse_args()
    files = folder(given.files)
    lines = sum(text.count("\n") for text in files.values())
    print(f"{given.files} files, {given.files * EACH:,} steps, {lines:,} lines; seconds of the processor's time")
    print(f"first    {seconds(files):6.2f}   goal {COLD}")
    print(f"again    {seconds(files):6.2f}   goal {UNCHANGED}")
    edited = {**files, "test_drive0.yaml": files["test_drive0.yaml"] + "# an edit\n"}
    print(f"one edit {seconds(edited):6.2f}")


if __name__ == "__main__":
    main()
