"""The shell around the core, on fakes that keep state, in virtual time."""
