"""Free text on its way in: nothing that people type is kept before it has been through here."""
