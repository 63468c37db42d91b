"""The process: settings, CLI, wiring, clock, pulse, delivery, logs, channels and pages."""
