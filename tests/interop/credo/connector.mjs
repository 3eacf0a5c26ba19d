/** How the wallet reaches the registry: a name on the internet mapped to a loopback TLS port, the rest unchanged. */
import { Agent, buildConnector, install, setGlobalDispatcher } from 'undici'

const HTTPS = 443

/**
 * Read `host=address:port,…` into a map from `host:443` to where that origin really listens.
 * @throws {Error} on an entry that does not name a host and a loopback port.
 */
export function parseRegistryMap(text) {
  const entries = text.split(',').map((entry) => entry.trim()).filter(Boolean)
  return new Map(entries.map(parseEntry))
}

function parseEntry(entry) {
  const match = /^([^=:]+)=([^=:]+):(\d+)$/.exec(entry)
  if (!match) throw new Error(`REGISTRY_MAP: ${entry} is not host=address:port`)
  const [, host, address, port] = match
  return [`${host}:${HTTPS}`, { hostname: address, port }]
}

/**
 * Send every fetch of this process, Credo's and didwebvh-ts's alike, through the map.
 * The certificate is still checked against the name in the URL: only the address changes.
 */
export function routeFetchesThrough(registryMap) {
  const connect = buildConnector({})
  const connectMapped = (target, callback) => connect({ ...target, ...mapped(registryMap, target) }, callback)
  setGlobalDispatcher(new Agent({ connect: connectMapped }))
  // Node's own fetch brings an older undici; one version for both ends of the dispatcher.
  install()
}

function mapped(registryMap, { protocol, hostname, port }) {
  const place = protocol === 'https:' && registryMap.get(`${hostname}:${port || HTTPS}`)
  return place ? { ...place, servername: hostname } : {}
}
