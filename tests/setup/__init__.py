"""Set-up: sources, versions, building, moving and the sentences it fails with."""
