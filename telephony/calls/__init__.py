"""The imperative shell around the pure centre: how one call travels.

1. `telephony.ari.stream` delivers an event; `translate` says what it means as a command.
2. `engine` applies the command (synchronously), appends it to the `journal`, and only then
   releases its effects.
3. `outbox` carries them out, in order within a call and side by side across calls;
   `performer` turns each into a request to Asterisk. One that fails comes back as a fact.
4. `publisher` turns the effects that are news into rows.
5. After any gap `reconcile` asks Asterisk what lives and tells the centre.

Nothing here decides anything about a call, and nothing here but `controller` knows of all the rest.
"""
