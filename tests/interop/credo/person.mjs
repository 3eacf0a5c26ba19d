/** What a person can do with the phone: the use cases behind the control API. */
import { ConnectionFailed, NoCredentials } from './errors.mjs'
import { connectionView, credentialView, exchangeView, offerView, requestView, w3cCredentialView } from './views.mjs'

/** Seconds to wait for the other party's part of a connection; Credo's own limit. */
const CONNECTING = 20
/** How Credo says that no stored credential answers a request, or only revoked ones do. */
const NOTHING_TO_SELECT = /^(Unable to automatically select requested|Could not find the required credentials)/

export class Person {
  #agent
  #didcomm
  #events

  constructor(agent, events) {
    this.#agent = agent
    this.#didcomm = agent.modules.didcomm
    this.#events = events
  }

  /** Scan an invitation; answers when both sides have agreed. */
  async connect(invitation) {
    const { connectionRecord } = await this.#didcomm.oob.receiveInvitationFromUrl(invitation, { label: 'Phone' })
    if (!connectionRecord) throw new ConnectionFailed('the invitation offers no handshake')
    await this.#connected(connectionRecord.id)
    return { connectionId: connectionRecord.id }
  }

  async #connected(connectionId) {
    const settled = (event) =>
      event.kind === 'connection' && event.connectionId === connectionId && ['completed', 'abandoned'].includes(event.state)
    const event = await this.#events.first(settled, CONNECTING)
    if (event?.state !== 'completed') throw new ConnectionFailed(event?.error ?? `no answer in ${CONNECTING} s`)
  }

  async connection(connectionId) {
    return connectionView(await this.#didcomm.connections.getById(connectionId))
  }

  async write(connectionId, content) {
    const record = await this.#didcomm.basicMessages.sendMessage(connectionId, content)
    return { id: record.id, threadId: record.threadId ?? record.id }
  }

  async offers(query) {
    const records = await this.#didcomm.credentials.findAllByQuery(query)
    return Promise.all(records.map((record) => this.#offer(record)))
  }

  async #offer(record) {
    const message = await this.#didcomm.credentials.findOfferMessage(record.id)
    return offerView(record, message, await this.#didcomm.credentials.getFormatData(record.id))
  }

  async acceptOffer(id) {
    return exchangeView(await this.#didcomm.credentials.acceptOffer({ credentialExchangeRecordId: id }))
  }

  async declineOffer(id, reason) {
    const options = { credentialExchangeRecordId: id, sendProblemReport: true, problemReportDescription: reason }
    return exchangeView(await this.#didcomm.credentials.declineOffer(options))
  }

  async credentials() {
    const stored = await this.#agent.modules.anoncreds.getCredentials({})
    return stored.map(credentialView)
  }

  async w3cCredentials() {
    const stored = await this.#agent.w3cCredentials.getAll()
    return stored.map(w3cCredentialView)
  }

  /** A key of the phone's own, which W3C credentials may be about; answers its `did:key`. */
  async makeKey() {
    const { didState } = await this.#agent.dids.create({
      method: 'key',
      options: { createKey: { type: { kty: 'OKP', crv: 'Ed25519' } } },
    })
    return { did: didState.did }
  }

  /** Propose a W3C credential (an `ld_proof` detail). The offer that comes is the person's to accept, as any other. */
  async propose(connectionId, detail) {
    const credentialFormats = { jsonld: detail }
    const proposal = { connectionId, protocolVersion: 'v2', credentialFormats }
    return exchangeView(await this.#didcomm.credentials.proposeCredential(proposal))
  }

  /** Forget the W3C credentials that ran out or were renewed: Credo presents whichever it finds first. */
  async forgetOutdated() {
    const stored = await this.#agent.w3cCredentials.getAll()
    const outdated = stored.filter((one) => endOf(one) <= Date.now() || stored.some((other) => renews(other, one)))
    await Promise.all(outdated.map(({ id }) => this.#agent.w3cCredentials.deleteById(id)))
  }

  async requests(query) {
    const records = await this.#didcomm.proofs.findAllByQuery(query)
    return Promise.all(records.map((record) => this.#request(record)))
  }

  async #request(record) {
    const message = await this.#didcomm.proofs.findRequestMessage(record.id)
    return requestView(record, message, await this.#didcomm.proofs.getFormatData(record.id))
  }

  /** Present what the store holds for a request; raises NoCredentials, having sent nothing, when it holds too little. */
  async present(id) {
    const { proofFormats } = await this.#selected(id)
    return exchangeView(await this.#didcomm.proofs.acceptRequest({ proofExchangeRecordId: id, proofFormats }))
  }

  async #selected(id) {
    try {
      return await this.#didcomm.proofs.selectCredentialsForRequest({ proofExchangeRecordId: id })
    } catch (error) {
      throw NOTHING_TO_SELECT.test(error.message) ? new NoCredentials(error.message) : error
    }
  }

  async declineRequest(id, reason) {
    const options = { proofExchangeRecordId: id, sendProblemReport: true, problemReportDescription: reason }
    return exchangeView(await this.#didcomm.proofs.declineRequest(options))
  }
}

/** When a W3C credential ends by itself, in milliseconds; not a number for one that does not. */
function endOf({ firstCredential }) {
  return Date.parse(firstCredential.expirationDate)
}

/** Whether `newer` says of the same subject what `older` says, for longer. */
function renews(newer, older) {
  const [next, last] = [w3cCredentialView(newer), w3cCredentialView(older)]
  return next.type === last.type && next.subject === last.subject && endOf(newer) > endOf(older)
}
