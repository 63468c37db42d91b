"""The flow language and its engine. Pure: no I/O, no clock, no dice; text and values in, values out."""
