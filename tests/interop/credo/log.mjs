/** What the phone says on standard error: what went wrong, without the messages and claims that Credo adds. */
import { BaseLogger, ConsoleLogger, LogLevel } from '@credo-ts/core'

class ErrorsOnly extends BaseLogger {
  constructor() {
    super(LogLevel.error)
  }

  test() {}
  trace() {}
  debug() {}
  info() {}
  warn() {}

  error(message, data) {
    console.error([message, data?.error?.message].filter(Boolean).join(': '))
  }

  fatal(message, data) {
    this.error(message, data)
  }
}

/** Errors in one line each; or, given the number of one of Credo's log levels, all that Credo says, bodies too. */
export function loggerAt(level) {
  return level === undefined ? new ErrorsOnly() : new ConsoleLogger(Number(level))
}
