/** Credo's records as plain values for the control API. */

/** A connection as RFC 0023 states it. */
export function connectionView(record) {
  return {
    connectionId: record.id,
    state: record.state,
    did: record.did ?? null,
    theirDid: record.theirDid ?? null,
    theirLabel: record.theirLabel ?? null,
    error: record.errorMessage ?? null,
  }
}

/** What a credential exchange (RFC 0453) and a proof exchange (RFC 0454) have in common. */
export function exchangeView(record) {
  return {
    id: record.id,
    connectionId: record.connectionId ?? null,
    threadId: record.threadId,
    state: record.state,
    error: record.errorMessage ?? null,
  }
}

/** A basic message (RFC 0095); `state` says whether the phone sent or received it. */
export function messageView(record) {
  return { id: record.id, connectionId: record.connectionId, state: record.role, content: record.content }
}

/** An exchange with what was offered: previewed attributes, and the AnonCreds ids where the offer has them. */
export function offerView(record, message, formatData) {
  const offer = formatData.offer ?? {}
  const content = offer.anoncreds ?? offer.indy ?? {}
  return {
    ...exchangeView(record),
    formats: Object.keys(offer),
    attributes: previewed(message?.credentialPreview),
    credDefId: content.cred_def_id ?? null,
    schemaId: content.schema_id ?? null,
    comment: message?.comment ?? null,
  }
}

function previewed(preview) {
  return Object.fromEntries((preview?.attributes ?? []).map(({ name, value }) => [name, value]))
}

/** A proof exchange with what was asked for, in the words of each format's own request. */
export function requestView(record, message, formatData) {
  const asked = formatData.request ?? {}
  const content = asked.anoncreds ?? asked.indy ?? {}
  return {
    ...exchangeView(record),
    formats: Object.keys(asked),
    name: content.name ?? null,
    comment: message?.comment ?? null,
    requestedAttributes: content.requested_attributes ?? {},
    requestedPredicates: content.requested_predicates ?? {},
    nonRevoked: content.non_revoked ?? null,
    host: message?.['~host'] ?? null, // Credo keeps what it does not know, and looks at it no more
  }
}

/** An AnonCreds credential in the phone's store. */
export function credentialView(info) {
  return {
    id: info.credentialId,
    credDefId: info.credentialDefinitionId,
    schemaId: info.schemaId,
    revocationRegistryId: info.revocationRegistryId ?? null,
    revocationIndex: info.credentialRevocationId ?? null,
    attributes: info.attributes,
  }
}

/** A W3C credential in the phone's store. */
export function w3cCredentialView({ id, firstCredential }) {
  return {
    id,
    type: firstCredential.type.at(-1),
    issuer: firstCredential.issuerId,
    subject: firstCredential.credentialSubjectIds[0] ?? null,
    expires: firstCredential.expirationDate ?? null,
  }
}
