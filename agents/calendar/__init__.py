"""The municipal calendar at the desk: today, month, year, why; changes with their entry; modes."""
