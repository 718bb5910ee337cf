"""What every part reads before it can work: home, ports, secrets, clock, logs and the site."""
