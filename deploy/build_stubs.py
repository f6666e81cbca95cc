"""Makes the Python of `proto/`: the wheel's build hook, and a script to run by hand.

With `--image FILE` it writes the descriptors with their comments instead, for buf; `--protos`
names another folder of protos, such as an older version of it.
"""

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
GENERATORS = ("grpcio-tools", "mypy-protobuf", "protovalidate", "googleapis-common-protos")

# protovalidate ships the descriptor of its rules but, since 2.0, no module of google.protobuf's
# kind. Stubs whose protos use the rules import one under this name: it is made beside them.
RULES = "buf/validate/validate.proto"


class BuildStubs(BuildHookInterface[Any]):
    """Hatchling calls this before it collects the files of a wheel or an editable install."""

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Bring the stubs up to date."""
        build(Path(self.root))


def build(root: Path) -> bool:
    """Make the stubs unless they are those of the present protos; tell whether it did.

    The marker carries the digest of all that went in and is moved last, so an unchanged tree
    costs one hash (file times mean nothing after a clone), and an interrupted run is done again.
    """
    source, target = root / "proto", root / "service"
    protos = sorted(source.glob("sekisho/**/*.proto"))
    marker = target / "sekisho" / "v1" / "__init__.py"
    digest = _digest(source, protos)
    if marker.exists() and digest in marker.read_text():
        return False

    with tempfile.TemporaryDirectory(dir=target, prefix=".stubs-") as folder:
        made = Path(folder)
        outputs = [
            f"--python_out={made}",
            f"--grpc_python_out={made}",
            f"--mypy_out=quiet:{made}",
            f"--mypy_grpc_out=quiet:{made}",
        ]
        _protoc(source, protos, RULES, *outputs)
        for package in ("buf", "buf/validate", "sekisho/v1"):
            (made / package).mkdir(parents=True, exist_ok=True)
            (made / package / "__init__.py").write_text('"""Made by deploy/build_stubs.py."""\n')
        with (made / marker.relative_to(target)).open("a") as file:
            file.write(f"# inputs: {digest}\n")
        _move(made, target)
    return True


def image(source: Path, out: Path) -> None:
    """Write the descriptors of all protos in a folder, with comments and imports."""
    protos = sorted(source.glob("sekisho/**/*.proto"))
    complete = ("--include_imports", "--include_source_info")
    _protoc(source, protos, *complete, f"--descriptor_set_out={out}")


def _digest(source: Path, protos: Iterable[Path]) -> str:
    total = hashlib.sha256(Path(__file__).read_bytes())
    for tool in GENERATORS:
        total.update(f"{tool} {metadata.version(tool)}\n".encode())
    for proto in protos:
        content = hashlib.sha256(proto.read_bytes()).hexdigest()
        total.update(f"{proto.relative_to(source)} {content}\n".encode())
    return total.hexdigest()


def _protoc(source: Path, protos: Iterable[Path], *arguments: str) -> None:
    # Imported here because an unchanged tree needs none of them.
    import grpc_tools
    from grpc_tools import protoc

    includes = [
        source,
        Path(next(iter(import_module("google.api").__path__))).parents[1],
        Path(grpc_tools.__path__[0]) / "_proto",
    ]
    # protoc looks for its plugins on PATH, where an environment that is not activated is not.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with tempfile.NamedTemporaryFile(suffix=".binpb") as rules:
        rules.write(_rules())
        rules.flush()
        code = protoc.main(
            [
                "protoc",
                *(f"--proto_path={folder}" for folder in includes),
                f"--descriptor_set_in={rules.name}",
                *(str(proto.relative_to(source)) for proto in protos),
                *arguments,
            ]
        )
    if code:
        raise SystemExit(f"protoc failed with exit code {code}")


def _rules() -> bytes:
    import protovalidate
    from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2

    files = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
        module.DESCRIPTOR.CopyToProto(files.file.add())
    files.file.add().ParseFromString(protovalidate.ViolationPb.desc().file.proto.to_binary())
    return files.SerializeToString()


def _move(made: Path, target: Path) -> None:
    new = {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
    for path in sorted(new, key=lambda path: (path.name == "__init__.py", path)):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).replace(target / path)
    for folder in {path.parent for path in new}:
        for old in (target / folder).glob("*_pb2*.py*"):
            if old.relative_to(target) not in new:
                old.unlink()


def main() -> None:
    """Bring the stubs up to date, or write an image."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", type=Path, metavar="FILE")
    parser.add_argument("--protos", type=Path, metavar="FOLDER", default=ROOT / "proto")
    options = parser.parse_args()
    if options.image:
        image(options.protos, options.image)
    else:
        print("stubs made" if build(ROOT) else "stubs are up to date")


if __name__ == "__main__":
    main()
