/** What the phone could not do, with the code and HTTP status that the control API answers. */
import { RecordNotFoundError } from '@credo-ts/core'
import { MessageSendingError } from '@credo-ts/didcomm'

class PhoneError extends Error {}

/** The request to the control API itself is wrong. */
export class BadRequest extends PhoneError {
  code = 'bad_request'
  status = 400
}

/** The control API has no such resource or method. */
export class NoSuchRoute extends PhoneError {
  code = 'no_such_route'
  status = 404
}

/** The store holds no credential that answers the request, or only revoked ones. */
export class NoCredentials extends PhoneError {
  code = 'no_credentials'
  status = 409
}

/** The other party refused the connection or did not answer. */
export class ConnectionFailed extends PhoneError {
  code = 'connection_failed'
  status = 502
}

/** `error` as the control API tells it: an HTTP status, a code for machines and a sentence for people. */
export function told(error) {
  const { status, code } = classified(error)
  return { status, body: { error: code, reason: error.message } }
}

function classified(error) {
  if (error instanceof PhoneError) return error
  if (error instanceof RecordNotFoundError) return { status: 404, code: 'not_found' }
  if (error instanceof MessageSendingError) return { status: 502, code: 'unreachable' }
  if (error instanceof SyntaxError) return { status: 400, code: 'bad_request' }
  return { status: 500, code: 'failed' }
}
