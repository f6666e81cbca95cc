"""The pages, one module each: they read a request, call the API and show what it answers."""
