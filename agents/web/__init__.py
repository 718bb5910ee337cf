"""HTTP for the desk: one table of routes, and everything that follows from it.

A route is declared once, by a function. Its path, the models in its signature and what the
decorator says are all there is: routing, validation, authorisation, audit and the OpenAPI document
come from it.

    from agents.people import AT_A_DESK
    from agents.web.fields import Answer, Form
    from agents.web.routes import Asked, Table

    TABLE = Table("calls")  # listed in agents/api.py


    class OfCall(Form):
        call: str


    class Note(Form):
        note: Annotated[str, Field(max_length=4000)]


    class NoteKept(Answer):
        version: int


    @TABLE.put("/api/calls/{call}/note", roles=AT_A_DESK, audit="note_kept", guard=own_call)
    async def keep_note(asked: Asked, path: OfCall, body: Note) -> NoteKept:
        '''Keep the note of a call.'''
        version = await asked.tool(Notes).keep(path.call, body.note, by=asked.caller, at=asked.now)
        return NoteKept(version=version)

* `path`, `query` and `body` are optional; a function that returns None answers 204.
* A parameter `letter: Letter` takes what a machine signed, as it came; such a route has no roles,
  asks for no Origin, and opens the letter with a `Seal` before it believes a word.
* `roles` says who may call; `audit` is the word written to the audit log with the caller and the
  path's values, before the answer leaves, also of routes that only show personal data. A route that
  neither changes anything nor shows personal data says `audit=None`.
* `guard(asked, path)` decides about the object: it raises `not_found()` or `forbidden()`.
* `while_locked=True`: the page may be locked (sign-out, and what the call in progress needs).
* `while_leaving=True`: the account has ended, and this call's outcome is still to be written down.
* `asked.tool(Notes)` is what `agents/app.py` has put into the box under that type. `asked.now` is
  the instant. A `Problem` is one sentence in Japanese and English, and becomes the answer.
* `asked.detail(key=value)` adds to the audit line. A change that must not be without its line
  writes both in one transaction and says `asked.audited()`.
* A WebSocket is a route too: `@TABLE.socket("/api/news", …)`; the function gets an open `Socket`
  whose Origin, cookie and CSRF token have been checked, and which is closed when the session ends.
"""
