"""Backup and restore: everything a site needs to go on elsewhere, in one encrypted file."""
