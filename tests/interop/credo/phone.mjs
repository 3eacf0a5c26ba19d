/** A stock Credo agent with the modules and the formats that Bifold registers. */
// The native bindings must be loaded before any Credo package, which looks them up while it loads.
import { askar } from '@openwallet-foundation/askar-nodejs'
import { anoncreds } from '@hyperledger/anoncreds-nodejs'
import {
  AnonCredsDidCommCredentialFormatService,
  AnonCredsDidCommProofFormatService,
  AnonCredsModule,
  DataIntegrityDidCommCredentialFormatService,
  DidCommCredentialV1Protocol,
  DidCommProofV1Protocol,
  LegacyIndyDidCommCredentialFormatService,
  LegacyIndyDidCommProofFormatService,
} from '@credo-ts/anoncreds'
import { AskarModule } from '@credo-ts/askar'
import {
  Agent,
  DidsModule,
  JwkDidResolver,
  KeyDidResolver,
  PeerDidResolver,
  W3cCredentialsModule,
  WebDidResolver,
} from '@credo-ts/core'
import {
  DidCommAutoAcceptCredential,
  DidCommAutoAcceptProof,
  DidCommCredentialV2Protocol,
  DidCommDifPresentationExchangeProofFormatService,
  DidCommHttpOutboundTransport,
  DidCommJsonLdCredentialFormatService,
  DidCommModule,
  DidCommProofV2Protocol,
  DidCommWsOutboundTransport,
} from '@credo-ts/didcomm'
import { WebVhAnonCredsRegistry, WebVhDidResolver } from '@credo-ts/webvh'
import { join } from 'node:path'

import { loadDocument } from './contexts.mjs'
import { dependenciesUnder } from './dependencies.mjs'

/** An agent, not yet initialised, with its store under `folder` and its messages arriving by `inbound` at `endpoint`. */
export function aPhone({ folder, inbound, endpoint, logger }) {
  return new Agent({
    config: { logger },
    dependencies: dependenciesUnder(folder),
    modules: {
      askar: storeUnder(folder),
      anoncreds: new AnonCredsModule({ anoncreds, registries: [new WebVhAnonCredsRegistry()] }),
      didcomm: didcomm(inbound, endpoint),
      dids: new DidsModule({ resolvers: resolvers() }),
      w3cCredentials: new W3cCredentialsModule({ documentLoader: loadDocument }),
    },
  })
}

function storeUnder(folder) {
  // A raw key, as phones keep in their secure hardware; deriving one from a password costs half a second.
  const key = askar.storeGenerateRawKey({})
  const database = { type: 'sqlite', config: { path: join(folder, 'store.sqlite') } }
  return new AskarModule({ askar, store: { id: 'phone', key, keyDerivationMethod: 'raw', database } })
}

function didcomm(inbound, endpoint) {
  const outbound = [new DidCommHttpOutboundTransport(), new DidCommWsOutboundTransport()]
  return new DidCommModule({
    endpoints: [endpoint],
    transports: { inbound: [inbound], outbound },
    useDidSovPrefixWhereAllowed: true,
    connections: { autoAcceptConnections: true },
    credentials: credentials(),
    proofs: proofs(),
    mediator: false,
  })
}

function credentials() {
  const indyCredentialFormat = new LegacyIndyDidCommCredentialFormatService()
  const credentialFormats = [
    indyCredentialFormat,
    new AnonCredsDidCommCredentialFormatService(),
    new DataIntegrityDidCommCredentialFormatService(),
    new DidCommJsonLdCredentialFormatService(),
  ]
  return {
    // The person answers every offer. A credential with exactly the content of the offer they accepted
    // is stored without a second question; any other content waits in `credential-received`.
    autoAcceptCredentials: DidCommAutoAcceptCredential.ContentApproved,
    credentialProtocols: [
      new DidCommCredentialV1Protocol({ indyCredentialFormat }),
      new DidCommCredentialV2Protocol({ credentialFormats }),
    ],
  }
}

function proofs() {
  const indyProofFormat = new LegacyIndyDidCommProofFormatService()
  const proofFormats = [
    indyProofFormat,
    new AnonCredsDidCommProofFormatService(),
    new DidCommDifPresentationExchangeProofFormatService(),
  ]
  return {
    autoAcceptProofs: DidCommAutoAcceptProof.ContentApproved,
    proofProtocols: [new DidCommProofV1Protocol({ indyProofFormat }), new DidCommProofV2Protocol({ proofFormats })],
  }
}

function resolvers() {
  return [
    new WebVhDidResolver(),
    new WebDidResolver(),
    new JwkDidResolver(),
    new KeyDidResolver(),
    new PeerDidResolver(),
  ]
}
