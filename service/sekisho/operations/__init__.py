"""What operators do beside a service: rebuild its cache, and look for what is wrong."""
