"""The policy's expressions, evaluated by CEL."""
