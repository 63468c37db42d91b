"""Stand-ins for both networks on real sockets, strict to what the networks document."""
