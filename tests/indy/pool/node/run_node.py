"""`run_node FOLDER NAME PORT CLIENT_PORT`: one node, until it is told to stop."""

import sys
from pathlib import Path

from configuration import configuration
from indy_node.utils.node_runner import run_node

if __name__ == "__main__":
    folder, name, port, client_port = sys.argv[1:]
    run_node(configuration(Path(folder)), name, "127.0.0.1", int(port), "127.0.0.1", int(client_port))
