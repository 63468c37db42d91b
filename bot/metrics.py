"""Counters and gauges for Prometheus: numbers only, never anything about a person (I11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from storage import outbox
from storage.database import Database


class Metrics:
    """One per process; a registry of its own, so that two bots in one process (the workshop) do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._happened = self._counter("leadbot_happened", "What happened in dialogs, by name", "what")
        self._events = self._counter("leadbot_events", "Events served", "channel", "what")
        self._outbox = self._counter("leadbot_outbox", "Messages promised, by how they ended", "channel", "outcome")
        self._network = self._counter("leadbot_network", "What channels met at their networks", "channel", "what")
        self._failures = self._counter("leadbot_failures", "Work of ours that failed and is tried again", "where")
        self._alarms = self._counter("leadbot_alarms", "Alarms raised, also those held back", "kind")
        self._last_event = self._gauge("leadbot_last_event_timestamp_seconds", "When a channel last brought something")
        self._last_heard = self._gauge("leadbot_last_heard_timestamp_seconds", "When a network last answered a poll")
        self._waiting = self._gauge("leadbot_outbox_waiting", "Messages due and not yet sent")
        self._oldest = self._gauge("leadbot_outbox_oldest_due_seconds", "How long the oldest of them waits")
        self._unknown = self._gauge("leadbot_outbox_unknown", "Messages whose arrival nobody knows")

    def happened(self, counts: Mapping[str, int]) -> None:
        """``Work.counts``, after its commit."""
        for what, number in counts.items():
            self._happened.labels(what).inc(number)

    def events(self, channel: str, what: str, number: int, *, now: datetime) -> None:
        """``what``: served; those repeated or parked are among ``happened``."""
        self._events.labels(channel, what).inc(number)
        self._last_event.labels(channel).set(now.timestamp())

    def outcome(self, channel: str, outcome: str, number: int = 1) -> None:
        """``outcome``: sent, later, stayed, refused, unreachable, moved, halted, unknown, repeated, given_up…"""
        self._outbox.labels(channel, outcome).inc(number)

    def network(self, channel: str, what: str, number: int = 1) -> None:
        """``what``: answered, no_answer, server_error, garbage, conflict, unauthorized, gap… (docs/operations.md)."""
        self._network.labels(channel, what).inc(number)

    def heard(self, channel: str, *, now: datetime) -> None:
        self._last_heard.labels(channel).set(now.timestamp())

    def failed(self, where: str) -> None:
        """``where``: delivery, pulse, listening, alarms, hearing, look, refresh, stopping."""
        self._failures.labels(where).inc()

    def alarm(self, kind: str) -> None:
        self._alarms.labels(kind).inc()

    def value(self, name: str, **labels: str) -> float:
        """One number as it would be shown; 0 if it was never counted."""
        return self.registry.get_sample_value(name, labels) or 0.0

    async def look(self, database: Database, *, now: datetime) -> None:
        """Read what the gauges show from the database."""
        async with database.read() as db:
            waiting = await outbox.waiting(db, now=now)
            uncertain = await outbox.uncertain(db)
        for gauge in (self._waiting, self._oldest, self._unknown):
            gauge.clear()
        for channel, due in waiting.items():
            self._waiting.labels(channel).set(due.rows)
            self._oldest.labels(channel).set((now - due.since).total_seconds())
        for channel, rows in uncertain.items():
            self._unknown.labels(channel).set(rows)

    def render(self) -> bytes:
        """The text Prometheus reads."""
        return generate_latest(self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, ("channel",), registry=self.registry)
