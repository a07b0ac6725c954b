"""The mail catcher on a fixed address: python -m scripts.deploy.tests.mail_server ADDRESS PORT FOLDER RECORD."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from pathlib import Path

from scripts.local.mailcatcher import Control, Handler, serve


def main() -> None:
    address, port, folder, record = sys.argv[1:]
    Path(folder).mkdir(exist_ok=True)
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    handler = Handler(Path(folder), Path(record), Control(Path(folder) / "control.json"))
    asyncio.run(serve(socket.create_server((address, int(port)), backlog=512), handler))


if __name__ == "__main__":
    main()
