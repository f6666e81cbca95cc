"""The gRPC API: proto to domain and back."""
