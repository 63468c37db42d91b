"""VK's error codes as outcomes of a send. What is not listed was refused: VK said no, so nothing was done."""

from __future__ import annotations

from bot.channels import Halted, Outcome, Refused, TryLater, Unknown, Unreachable

TAKEN_OR_NOT = {1, 10, 36}  # unknown error, internal error, interrupted
GONE_FOR_GOOD = {18, 37, 3610}
UNREACHABLE = {900, 901, 902, 950, 985, 987, 988}
REVOKED = {5, 27, 28, 1117}
CAPTCHA = {14, 3300}
HELD_BACK = {7, 15, 17, 24, 25, 203, 912, 1105}  # an administrator has something to allow, confirm or switch on
EDIT_GONE = {100, 104, 909, 920, 924}
CHAT_GONE = {917, 922, 925, 927, 932, 935, 936, 945, 946, 1012}

MINUTE, HOUR = 60.0, 3600.0


def outcome(code: int, *, editing: bool = False, floods: int = 1) -> Outcome:
    """What an error means for the message. ``floods``: refusals for flood control to this chat in a row, this one
    included."""
    reason = f"VK {code}"
    if code in TAKEN_OR_NOT:
        return Unknown(reason)
    if code == 6:
        return TryLater(1.0, everybody=True)
    if code == 9:
        return TryLater(min(2 * MINUTE * 2 ** min(floods - 1, 5), HOUR))
    if code == 949:
        return TryLater(MINUTE)
    if code in GONE_FOR_GOOD or code in UNREACHABLE:
        return Unreachable(reason, for_good=code in GONE_FOR_GOOD)
    if editing and code in EDIT_GONE:
        return Refused(reason, edit_gone=True)
    return _halted(code) or Refused(f"{reason}, chat gone" if code in CHAT_GONE else reason)


def _halted(code: int) -> Halted | None:
    """Sending stops altogether: nobody can solve a captcha here, and a dead token stays dead."""
    if code in REVOKED:
        return Halted(f"VK {code}: токен сообщества больше не действует")
    if code in CAPTCHA:
        return Halted(f"VK {code}: требуется капча", 10 * MINUTE)
    if code == 29:
        return Halted("VK 29: исчерпан лимит вызовов", HOUR)
    if code == 912:
        return Halted("VK 912: в настройках сообщества выключены возможности ботов", 10 * MINUTE)
    if code in HELD_BACK:
        return Halted(f"VK {code}: не хватает прав токена или подтверждения", 10 * MINUTE)
    return None
