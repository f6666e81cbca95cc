"""What lies on this machine's disk: keys, policy, data folder."""

import os
import shutil
import stat
from collections.abc import Iterator

from sekisho import keys
from sekisho.adapters.policy.problems import PolicyError
from sekisho.adapters.policy.toml import load_default_policy, load_policy
from sekisho.operations.doctor.finding import Area, Finding, size
from sekisho.settings import Settings

_FULL_BYTES = 128 << 20
_NEARLY_FULL_BYTES = 1 << 30


def key_file(settings: Settings) -> Iterator[Finding]:
    """Read the keys, and look who else may."""
    area = Area("keys")
    path = settings.keys_file or settings.data_dir / keys.FILE_NAME
    if settings.keys_file is None and not path.exists():
        yield area.ok(f"none yet: the first start makes {path}")
        return
    try:
        found = keys.read(path)
    except keys.KeysError as error:
        for problem in error.problems:
            yield area.problem(problem, "without its keys no service starts; mend or restore them")
        return
    yield area.ok(f"{len(found)} in {path}, {found[-1].id} is the current one")
    if settings.keys_file is None and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield area.warning(f"{path} can be read by others", f"chmod 600 {path}")


def policy(settings: Settings) -> Iterator[Finding]:
    """Load the policy as a service would."""
    area = Area("policy")
    try:
        loaded = (
            load_policy(settings.policy_file) if settings.policy_file else load_default_policy()
        )
    except OSError as error:
        yield area.problem(
            f"{settings.policy_file} cannot be read: {error.strerror}", "SEKISHO_POLICY_FILE"
        )
    except PolicyError as error:
        for problem in error.problems:
            yield area.problem(str(problem), f"sekisho policy check {settings.policy_file}")
    else:
        yield area.ok(f"{loaded.version}, {len(loaded.rules)} rules")


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Look whether the folder can be written to, and how much room there is."""
    area = Area("data folder")
    folder = settings.data_dir
    if not folder.exists():
        yield area.ok(f"none yet: the first start makes {folder}")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield area.problem(
            f"{folder} cannot be written to by this user", "run as the service's user, or chown it"
        )
    free = shutil.disk_usage(folder).free
    said = f"{size(free)} free in {folder}"
    todo = "make room, or move SEKISHO_DATA_DIR to a larger disk"
    if free < _FULL_BYTES:
        yield area.problem(said, todo)
    elif free < _NEARLY_FULL_BYTES:
        yield area.warning(said, todo)
    else:
        yield area.ok(said)
