/** The control API: JSON over HTTP on loopback, through which a test is the person holding the phone. */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { BadRequest, NoSuchRoute, told } from './errors.mjs'
import { readJson, sendJson } from './http.mjs'

/** Seconds that GET /events waits when the caller does not say. */
const EVENTS_WAIT = 10

/** The routes: method, path with `:id`, and what a person does there given the id, the body and the query. */
function routes({ person, events, stop }) {
  return [
    ['POST', '/connections', ({ body }) => person.connect(needed(body, 'invitation'))],
    ['GET', '/connections/:id', ({ id }) => person.connection(id)],
    ['POST', '/messages', ({ body }) => person.write(needed(body, 'connectionId'), needed(body, 'content'))],
    ['GET', '/offers', ({ query }) => person.offers(query)],
    ['POST', '/offers/:id/accept', ({ id }) => person.acceptOffer(id)],
    ['POST', '/offers/:id/decline', ({ id, body }) => person.declineOffer(id, needed(body, 'reason'))],
    ['GET', '/credentials', () => person.credentials()],
    ['GET', '/w3c-credentials', () => person.w3cCredentials()],
    ['POST', '/w3c-credentials/outdated', () => person.forgetOutdated()],
    ['POST', '/keys', () => person.makeKey()],
    ['POST', '/proposals', ({ body }) => person.propose(needed(body, 'connectionId'), JSON.parse(needed(body, 'detail')))],
    ['GET', '/requests', ({ query }) => person.requests(query)],
    ['POST', '/requests/:id/present', ({ id }) => person.present(id)],
    ['POST', '/requests/:id/decline', ({ id, body }) => person.declineRequest(id, needed(body, 'reason'))],
    ['GET', '/events', ({ query }) => events.after(Number(query.after ?? 0), Number(query.timeout ?? EVENTS_WAIT))],
    ['POST', '/stop', () => stop()],
  ].map(([method, path, act]) => ({ method, pattern: new RegExp(`^${path.replace(':id', '(?<id>[^/]+)')}$`), act }))
}

function needed(body, name) {
  if (typeof body[name] !== 'string' || !body[name]) throw new BadRequest(`${name} is missing`)
  return body[name]
}

/** Serve the control API on a loopback `port` (0: any free one); answers the server once it listens. */
export async function serveControl(port, parts) {
  const table = routes(parts)
  const server = createServer((request, response) => answer(table, request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function answer(table, request, response) {
  try {
    sendJson(response, 200, (await dispatched(table, request)) ?? {})
  } catch (error) {
    const { status, body } = told(error)
    sendJson(response, status, body)
  }
}

async function dispatched(table, request) {
  const url = new URL(request.url, 'http://control')
  const route = table.find(({ method, pattern }) => method === request.method && pattern.test(url.pathname))
  if (!route) throw new NoSuchRoute(`${request.method} ${url.pathname}`)
  const { id } = route.pattern.exec(url.pathname).groups ?? {}
  return route.act({ id, body: await readJson(request), query: Object.fromEntries(url.searchParams) })
}
