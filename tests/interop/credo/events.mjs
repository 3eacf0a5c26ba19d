/** Everything that changed in the phone, numbered in order, so that a test waits for what it needs. */
import { EventEmitter } from 'node:events'
import {
  DidCommBasicMessageEventTypes,
  DidCommConnectionEventTypes,
  DidCommCredentialEventTypes,
  DidCommProofEventTypes,
} from '@credo-ts/didcomm'

import { connectionView, exchangeView, messageView } from './views.mjs'

const GROWN = 'grown'

/** How each kind of Credo's events is told: the name it gets here, and its record in plain values. */
const TOLD = [
  [DidCommConnectionEventTypes.DidCommConnectionStateChanged, 'connection', (e) => connectionView(e.connectionRecord)],
  [DidCommCredentialEventTypes.DidCommCredentialStateChanged, 'credential', (e) => exchangeView(e.credentialExchangeRecord)],
  [DidCommCredentialEventTypes.DidCommRevocationNotificationReceived, 'revocation', (e) => exchangeView(e.credentialExchangeRecord)],
  [DidCommProofEventTypes.ProofStateChanged, 'proof', (e) => exchangeView(e.proofRecord)],
  [DidCommBasicMessageEventTypes.DidCommBasicMessageStateChanged, 'message', (e) => messageView(e.basicMessageRecord)],
]

/** The phone's events since it started, the first with number 1. */
export class EventLog {
  #events = []
  #growth = new EventEmitter().setMaxListeners(0)

  /** Record what `agent` reports from now on. */
  follow(agent) {
    for (const [type, kind, view] of TOLD) {
      agent.events.on(type, ({ payload }) => this.#add(kind, payload.previousState, view(payload)))
    }
  }

  #add(kind, previousState, view) {
    this.#events.push({ number: this.#events.length + 1, kind, previousState: previousState ?? null, ...view })
    this.#growth.emit(GROWN)
  }

  /** Events numbered above `after`: at once if there are any, else when one comes or `seconds` have passed. */
  async after(after, seconds) {
    if (this.#events.length <= after) await this.#growthWithin(seconds * 1000)
    return this.#events.slice(after)
  }

  /** The first event that `matches`, past or to come; undefined when `seconds` have passed without one. */
  async first(matches, seconds) {
    const deadline = Date.now() + seconds * 1000
    let found = this.#events.find(matches)
    while (!found && Date.now() < deadline) {
      await this.#growthWithin(deadline - Date.now())
      found = this.#events.find(matches)
    }
    return found
  }

  #growthWithin(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds)
      this.#growth.once(GROWN, done)
      const growth = this.#growth
      function done() {
        clearTimeout(timer)
        growth.off(GROWN, done)
        resolve()
      }
    })
  }
}
