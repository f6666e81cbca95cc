"""An OpenID Connect issuer's word on who an analyst is: read by the API and by the console."""
