"""What must not be lost."""

import time

from scripts.containers.people import Landmark
from scripts.containers.site import Site, expect

EXAMPLE = "20261120T021500Z"  # the folder in the documented restore


def a_backup_is_restored(site: Site) -> None:
    """COMPOSE D3: backup and restore, word for word as the page has them, bring rows and files back."""
    landmark = Landmark(site)
    began = time.monotonic()
    # With containers, the first three lines of the block; the rest is for those without.
    lines = site.documented("docs/operations.md", "docker compose run --rm backup\n# without").splitlines()
    site.shell("\n".join(lines[: lines.index("docker compose run --rm backup") + 1]))
    [name] = [path.name for path in (site.folder / "backups").iterdir() if not path.name.startswith(".")]
    taken = time.monotonic() - began
    restore = site.documented("docs/operations.md", "docker compose run --rm restore")
    expect(EXAMPLE in restore, f"the documented restore names {EXAMPLE}")
    said = site.shell(restore.replace(EXAMPLE, name))
    expect("permission denied" not in said, f"no warnings of other people's tables:\n{said}")
    site.await_ready()
    landmark.check()
    site.notes.append(f"backup in {taken:.0f} s, restore until it answers in {time.monotonic() - began - taken:.0f} s")
    held = site.compose("exec", "-T", "web", "/srv/app/scripts/entrypoint", "release_mail", "--help", check=False)
    expect(held.returncode == 0, "release_mail is there")


def down_leaves_nothing_but_the_data(site: Site) -> None:
    """COMPOSE D15: a plain `docker compose down` takes all containers and networks, the mail catcher's too."""
    said = site.compose("down").stdout
    expect("in use" not in said, said)
    left = site.engine.docker("ps", "--all", "--format", "{{.Names}}").stdout.split()
    expect(not left, f"no container, not {left}")
    networks = site.engine.docker("network", "ls", "--filter", "type=custom", "--format", "{{.Name}}").stdout.split()
    expect(not networks, f"no network, not {networks}")
    volumes = set(site.engine.docker("volume", "ls", "--format", "{{.Name}}").stdout.split())
    kept = {f"{site.project}_{name}" for name in ("db", "redis", "media", "static")}
    expect(kept <= volumes, f"the data of {sorted(kept)}, not {sorted(volumes)}")
