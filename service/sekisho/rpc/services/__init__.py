"""The services of the API: each method converts, calls its use case, converts back."""
