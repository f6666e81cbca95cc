"""The cache in Redis or Valkey: keys, scripts, and the ports that they implement."""
