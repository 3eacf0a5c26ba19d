/**
 * One phone: a stock Credo agent in its own process, driven by a test through the control API.
 *
 * Environment: LIB_ASKAR_PATH and LIB_ANONCREDS_PATH (folders of the native libraries), REGISTRY_MAP
 * (`host=127.0.0.1:port`, see connector.mjs), NODE_EXTRA_CA_CERTS (the registry's CA), CONTROL_PORT and
 * DIDCOMM_PORT (0 or absent: any free port), LOG_LEVEL (see log.mjs), STOP_WITH_STDIN=1 (stop when
 * the parent closes our standard input, so that no phone outlives its test).
 * Prints one line, `{"ready":true,"control":PORT,"didcomm":PORT}`, when it can be used.
 */
import { Console } from 'node:console'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { parseRegistryMap, routeFetchesThrough } from './connector.mjs'

// Standard output carries the ready line alone; some libraries print there.
globalThis.console = new Console(process.stderr)
routeFetchesThrough(parseRegistryMap(process.env.REGISTRY_MAP ?? ''))

const { aPhone } = await import('./phone.mjs')
const { serveControl } = await import('./control.mjs')
const { EventLog } = await import('./events.mjs')
const { HttpInboundTransport } = await import('./inbound.mjs')
const { loggerAt } = await import('./log.mjs')
const { Person } = await import('./person.mjs')

const folder = await mkdtemp(join(tmpdir(), 'phone-'))
const inbound = new HttpInboundTransport()
const didcommPort = await inbound.listen(Number(process.env.DIDCOMM_PORT ?? 0))
const logger = loggerAt(process.env.LOG_LEVEL)
const agent = aPhone({ folder, inbound, endpoint: `http://127.0.0.1:${didcommPort}`, logger })
const events = new EventLog()
events.follow(agent)
await agent.initialize()
// Made before the first offer: two offers at once must not both make one.
await agent.modules.anoncreds.createLinkSecret({ setAsDefault: true })

const control = await serveControl(Number(process.env.CONTROL_PORT ?? 0), {
  person: new Person(agent, events),
  events,
  stop: () => void setImmediate(stop),
})
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
if (process.env.STOP_WITH_STDIN === '1') process.stdin.on('end', stop).resume()
process.stdout.write(`${JSON.stringify({ ready: true, control: control.address().port, didcomm: didcommPort })}\n`)

async function stop() {
  control.close()
  await agent.shutdown()
  await rm(folder, { recursive: true, force: true })
  process.exit(0)
}
