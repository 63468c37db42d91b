"""What an edited set changes in the translations of the published one, a line a translation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from babel import Locale

from dialogs.flow import Flow
from dialogs.flow_set import FlowSet, in_tongue
from dialogs.moving import known_as
from dialogs.problems import listed
from dialogs.translation import RUSSIAN, Place, spoken

MOST = 8  # steps that are named
_PARTS = {
    "title": "название",
    "offers": "предложения",
    "questions": "частые вопросы",
    "silence": "правила молчания",
    "dates": "напоминания о датах",
}


@dataclass(frozen=True, slots=True)
class TranslationChange:
    """One flow in one language. ``kind``: added, removed or changed. ``what``: its parts that read otherwise."""

    flow: str
    language: str
    kind: str
    what: tuple[str, ...] = ()

    def __str__(self) -> str:
        tongue = Locale.parse(RUSSIAN).languages.get(self.language, self.language)
        if self.kind == "added":
            return f"{self.flow}: новый перевод на {tongue}"
        if self.kind == "removed":
            return f"{self.flow}: перевода на {tongue} больше нет, бот будет говорить по-русски"
        return f"{self.flow}, перевод на {tongue}: {', '.join(self.what)}"


def compare_translations(old: FlowSet, new: FlowSet) -> Iterator[TranslationChange]:
    """Flows that are in both sets. What a translation has not is said in Russian, and told of the flow itself."""
    for name in (one for one in old.flows if one in new.flows):
        before, after = old.translations.get(name, {}), new.translations.get(name, {})
        for language in sorted({*before, *after}):
            if language not in before:
                yield TranslationChange(name, language, "added")
            elif language not in after:
                yield TranslationChange(name, language, "removed")
            elif what := (*_texts(old, new, name, language), *_consents(old, new, name, language)):
                yield TranslationChange(name, language, "changed", what)


def _texts(old: FlowSet, new: FlowSet, name: str, language: str) -> Iterator[str]:
    now = new.flows[name]
    was = _moved(now, spoken(old.flows[name]))
    both = was.keys() & (places := spoken(now)).keys()
    before = _own(was, _moved(now, spoken(old.translations[name][language])))
    after = _own(places, spoken(new.translations[name][language]))
    changed = [place for place in places if place in both and before.get(place) != after.get(place)]
    yield from (told for part, told in _PARTS.items() if any(place[0] == part for place in changed))
    steps = dict.fromkeys(f"«{place[1]}»" for place in changed if place[0] == "steps")
    if steps:
        yield f"{'шаги' if len(steps) > 1 else 'шаг'} {listed(list(steps), MOST)}"


def _moved(now: Flow, texts: Mapping[Place, str]) -> Mapping[Place, str]:
    """Texts by the names that their steps have now; those of steps that are gone are left out."""
    found: dict[Place, str] = {}
    for place, text in texts.items():
        step = known_as(now, str(place[1])) if place[0] == "steps" else None
        if place[0] != "steps" or step:
            found[(place[0], step, *place[2:]) if step else place] = text
    return found


def _own(russian: Mapping[Place, str], texts: Mapping[Place, str]) -> Mapping[Place, str]:
    """What is translated, without what is said in Russian."""
    return {place: text for place, text in texts.items() if text != russian.get(place)}


def _consents(old: FlowSet, new: FlowSet, name: str, language: str) -> Iterator[str]:
    """Texts of consents that there are now in this language, or no more; of other wordings their own line tells."""
    consent = new.flows[name].consent
    paths = [in_tongue(path, language) for path in (consent.personal_data, consent.advertising) if path]
    if any((path in old.consents) != (path in new.consents) for path in paths):
        yield "тексты согласий"
