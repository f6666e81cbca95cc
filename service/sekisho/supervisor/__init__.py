"""Several workers behind one port: a parent that serves nothing, and starts what does."""
