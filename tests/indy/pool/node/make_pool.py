"""`make_pool FOLDER PORT...`: keys of the nodes, and the genesis files, with two ports for each node."""

import sys
from pathlib import Path

from configuration import NETWORK, configuration
from indy_common.config_helper import ConfigHelper, NodeConfigHelper
from indy_common.txn_util import getTxnOrderedFields
from plenum.common.test_network_setup import TestNetworkSetup


def make_pool(folder: Path, ports: "list[int]") -> None:
    """Every node has the seed of its name, and so have the trustee and the stewards: a pool for tests."""
    count = len(ports) // 2
    stewards, nodes = TestNetworkSetup.gen_defs(None, count, 0)
    placed = [
        node._replace(port=ports[2 * index], client_port=ports[2 * index + 1])
        for index, node in enumerate(nodes)
    ]
    TestNetworkSetup.bootstrapTestNodesCore(
        config=configuration(folder),
        network=NETWORK,
        appendToLedgers=False,
        domainTxnFieldOrder=getTxnOrderedFields(),
        trustee_def=TestNetworkSetup.gen_trustee_def(1),
        steward_defs=stewards,
        node_defs=placed,
        client_defs=[],
        localNodes=range(1, count + 1),
        nodeParamsFileName="indy.env",
        config_helper_class=ConfigHelper,
        node_config_helper_class=NodeConfigHelper,
    )


if __name__ == "__main__":
    make_pool(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]])
