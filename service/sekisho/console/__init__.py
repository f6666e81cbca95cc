"""The fraud team's pages: a client of the API, for the analyst who is signed in."""
