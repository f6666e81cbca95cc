"""`sekisho review`: what waits for the fraud team, and what it makes of it."""
