/** Where the phone's DIDComm messages arrive: a plain HTTP listener on loopback. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { EventEmitter } from '@credo-ts/core'
import { DidCommEventTypes } from '@credo-ts/didcomm'

import { readJson } from './http.mjs'

/**
 * Credo's inbound transport over HTTP. The port is bound before the agent exists, since the agent must
 * know its own endpoint; what arrives earlier than `start` is answered 503.
 */
export class HttpInboundTransport {
  #server = createServer((request, response) => this.#receive(request, response))
  #agentContext

  /** Bind a loopback port (0: any free one) and return it. */
  async listen(port) {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return this.#server.address().port
  }

  async start(agentContext) {
    this.#agentContext = agentContext
  }

  async stop() {
    this.#agentContext = undefined
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #receive(request, response) {
    try {
      response.writeHead(this.#handOver(await readJson(request))).end()
    } catch {
      response.writeHead(400).end()
    }
  }

  /** Queue a message as a mediator's socket would: one after the other, no answer on the same connection. */
  #handOver(message) {
    if (!this.#agentContext) return 503
    const emitter = this.#agentContext.dependencyManager.resolve(EventEmitter)
    emitter.emit(this.#agentContext, { type: DidCommEventTypes.DidCommMessageReceived, payload: { message } })
    return 202
  }
}
