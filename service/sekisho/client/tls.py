"""The certificates of a terminal."""

import ssl
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import grpc

PemFile = str | PathLike[str]


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files: the CA that signed the service's certificate, the terminal's own chain and key.

    They are read when the terminal connects. A renewed certificate counts from the next
    `Terminal.connect`.
    """

    ca: PemFile
    certificate: PemFile
    key: PemFile

    def credentials(self) -> grpc.ChannelCredentials:
        """Read the files. Raises OSError for one that cannot be read or does not fit the others.

        ssl.SSLError is an OSError too. gRPC would tell neither, but fail every call.
        """
        context = ssl.create_default_context(cafile=self.ca)
        # A key under a password is an error, and not a question at the terminal.
        context.load_cert_chain(self.certificate, self.key, password=str)
        return grpc.ssl_channel_credentials(
            Path(self.ca).read_bytes(),
            Path(self.key).read_bytes(),
            Path(self.certificate).read_bytes(),
        )
