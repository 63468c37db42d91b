"""Tokens and passwords do not live in flows: they would go to everybody who may read or copy the folder (A20)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.pages import Draft
from dialogs.problems import Problem

_SECRETS = (
    re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),  # Telegram
    re.compile(r"\bvk1\.a\.[A-Za-z0-9_-]{20,}"),
    re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{64,}(?![0-9a-fA-F])"),  # older VK tokens, hashes used as keys
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),  # user:password in an address
    re.compile(r"\b(?:sk|ghp|xoxb)[-_][A-Za-z0-9_-]{20,}"),
    re.compile(r"(?<=token: )\S{16,}|(?<=password: )\S{4,}|(?<=secret: )\S{8,}", re.I),
)


def lint_secrets(draft: Draft) -> Iterator[Problem]:
    """Every line of every file, comments too. The secret itself is never shown."""
    fix = "Уберите его и смените: токены и пароли хранятся в .env или в окружении."
    written = [(page.path, page.lines) for page in draft.pages]
    written += [(path, tuple(wording.text.split("\n"))) for path, wording in draft.consents.items()]
    for path, lines in written:
        if not any(pattern.search("\n".join(lines)) for pattern in _SECRETS):
            continue
        for number, line in enumerate(lines, 1):
            found = next((one for pattern in _SECRETS if (one := pattern.search(line))), None)
            if found:
                shown = f"{line[: found.start()]}•••{line[found.end() :]}"
                message = "похоже на токен или пароль"
                yield Problem(path, number, found.start() + 1, message, fix, "error", "secret", shown)
