/** JSON-LD contexts that Credo does not carry, fetched from where they are published. */
import { W3cCredentialsModule } from '@credo-ts/core'

const credosLoader = new W3cCredentialsModule().config.documentLoader

/**
 * Credo's own document loader, with a way to the web that works: the one that it has for Node cannot be loaded as an
 * ES module. On a phone it has another. Each context is fetched once.
 */
export function loadDocument(agentContext) {
  const load = credosLoader(agentContext)
  return (url) => (isPublished(url) ? load(url).catch(() => published(url)) : load(url))
}

const fetched = new Map()

function isPublished(url) {
  return url.startsWith('https://')
}

async function published(url) {
  if (!fetched.has(url)) fetched.set(url, await download(url))
  return { contextUrl: null, documentUrl: url, document: fetched.get(url) }
}

async function download(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.json()
}
