"""``multiplane serve``: the service, as one tree of processes."""

import argparse
import json
from pathlib import Path

from api.cli.operating import add_data_dir
from engine.core.settings import Setting, TextSetting

HOST = TextSetting("MULTIPLANE_HOST", "127.0.0.1", "address that the service listens on; 0.0.0.0: all of this machine")

PORT = Setting("MULTIPLANE_PORT", 8000, "port", 0, 65_535, "port that the service listens on; 0: any that is free")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    parser = commands.add_parser(
        "serve",
        help="start the HTTP service",
        description="Starts the service and its workers, and stops them with Ctrl-C. Settings: docs/configuration.md.",
    )
    add_data_dir(parser)
    parser.add_argument("--host", help="address to listen on (MULTIPLANE_HOST; 127.0.0.1 by default)")
    parser.add_argument("--port", type=int, help="port to listen on (MULTIPLANE_PORT; 8000 by default); 0: a free one")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain in PEM: HTTPS instead of HTTP")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key in PEM")
    return parser


def run(options: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    from api.work.serve import Listening, serve

    port = PORT.int_value() if options.port is None else options.port

    def announce(url: str, folder: Path) -> None:
        if options.json:
            print(json.dumps({"event": "serving", "url": url, "data": str(folder)}), flush=True)
        else:
            print(f"Multiplane serves {url} (data in {folder}). Stop it with Ctrl-C.", flush=True)

    listening = Listening(options.host or HOST.value(), port, options.tls_cert, options.tls_key)
    return serve(options.data_dir, listening, announce)
