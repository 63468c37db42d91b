"""What people type in English where Russian words are known too: folded, without apostrophes."""

from __future__ import annotations


def _ways(told: str) -> frozenset[str]:
    return frozenset(" ".join(one.split()) for one in told.split("|"))


YES = _ways("yes | yep | yeah | ok | okay | right | correct | all correct | that s right | sure")
NO = _ways("no | nope | not correct | wrong | not mine | change | change it | mistake")
AGREED = _ways("i agree | agree | agreed | yes | i consent")
DISAGREED = _ways("i do not agree | i don t agree | do not agree | don t agree | i disagree | disagree | no")
KEPT = _ways("leave it | leave as it is | leave it as it is | keep | keep it | cancel | nothing")
KEPT_FORMER = _ways("keep | keep it | yes keep it | leave it | same | the same | as before | as last time | no change")
CHANGED = _ways("change | change it | another | other | something else")
SKIPPED = _ways("skip | skip it | skip this | pass | i don t know | i do not know | don t know")
GREETINGS = _ways("hello | hello there | hi | hi there | hey | good morning | good day | good afternoon | good evening")
THANKS = _ways("thanks | thank you | thank you very much | many thanks | thanks a lot | thx")
ALL = _ways("all | all of them | everything")
NONE = _ways("none | nothing | none of them | neither")
FINISHED = _ways("done | that is all | that s all | enough | ok | next")
FILLER = _ways("please | and | also | i want | thanks")
AFFIRMING = frozenset(["sure", "okay", "yup", "right", "correct", "definitely", "certainly", "absolutely", "course"])
DENYING = frozenset(["not", "never", "none", "nah"])
UNSURE = frozenset(["maybe", "perhaps", "depends", "unsure", "idk", "why", "what", "which", "when"])
