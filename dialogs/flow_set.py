"""A set of flows as it is published, and one flow of it as the engine plays it: with its business, texts of consents,
files and translations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dialogs.business import Business
from dialogs.flow import Flow, Place
from dialogs.media import MediaFile

Watch = Callable[[str, Place], None]
"""Is told (flow, place) of all that a turn visits: rehearsals watch, the live bot does not."""


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A consent's wording. ``digest`` (sha256 of the text) is its version (A17)."""

    path: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Script:
    """One flow with all that it needs at run time. What ``dialogs.engine.advance`` runs."""

    version: int
    flow: Flow
    business: Business
    consents: Mapping[str, ConsentText]  # by purpose
    watch: Watch | None = None
    media: Mapping[str, MediaFile] = field(default_factory=dict)  # by path
    original: Flow | None = None  # the Russian one, where ``flow`` is its translation
    wordings: Mapping[str, tuple[ConsentText, ...]] = field(default_factory=dict)  # by purpose, in every language

    @property
    def russian(self) -> Flow:
        """What managers read."""
        return self.original or self.flow

    def wording(self, purpose: str, digest: str | None) -> ConsentText | None:
        """The consent's text that has this digest, in whichever language."""
        texts = self.wordings.get(purpose) or tuple(filter(None, (self.consents.get(purpose),)))
        return next((one for one in texts if one.digest == digest), None)


@dataclass(frozen=True, slots=True)
class FlowSet:
    """Everything published together: flows, business, consent texts. It goes live whole or not at all (A4)."""

    version: int
    flows: Mapping[str, Flow]
    business: Business
    consents: Mapping[str, ConsentText]  # by path
    watch: Watch | None = None
    media: Mapping[str, MediaFile] = field(default_factory=dict)  # by path
    translations: Mapping[str, Mapping[str, Flow]] = field(default_factory=dict)  # flow -> language -> the same flow
    _scripts: dict[tuple[str, str], Script] = field(default_factory=dict, init=False, repr=False, compare=False)

    def script(self, flow: str, language: str = "") -> Script:
        """In Russian where it is not translated. Raises KeyError for a flow that is not in the set."""
        found = self._scripts.get((flow, language))
        if found is None:
            found = self._scripts[flow, language] = self._script(flow, language)
        return found

    def _script(self, flow: str, language: str) -> Script:
        russian = self.flows[flow]
        found = self.translations.get(flow, {}).get(language, russian)
        paths = {"personal_data": found.consent.personal_data, "advertising": found.consent.advertising}
        spoken = {purpose: self.consents.get(in_tongue(path, language)) for purpose, path in paths.items() if path}
        texts = {purpose: spoken[purpose] or self.consents[path] for purpose, path in paths.items() if path}
        tongues = self.translations.get(flow, {})
        wordings = {
            purpose: tuple(self._wordings(path, tongues)) for purpose, path in paths.items() if path and tongues
        }
        return Script(self.version, found, self.business, texts, self.watch, self.media, russian, wordings)

    def _wordings(self, path: str, languages: Iterable[str]) -> Iterator[ConsentText]:
        yield self.consents[path]
        yield from filter(None, (self.consents.get(in_tongue(path, language)) for language in languages))


def in_tongue(path: str, language: str) -> str:
    """Where a consent's text in this language stands: «consents/tours.en.md» beside «consents/tours.md»."""
    return f"{path.removesuffix('.md')}.{language}.md"
