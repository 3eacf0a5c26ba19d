/** What Credo asks of the platform it runs on; Credo's own package for Node is not published in this version. */
import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { access, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import WebSocket from 'ws'

/** Credo's FileSystem port, kept under one folder so that nothing outlives the process. */
function fileSystemUnder(folder) {
  return class FolderFileSystem {
    dataPath = join(folder, 'data')
    cachePath = join(folder, 'cache')
    tempPath = join(folder, 'temp')

    exists(path) {
      return access(path).then(() => true, () => false)
    }

    async createDirectory(path) {
      await mkdir(dirname(path), { recursive: true })
    }

    copyFile(source, destination) {
      return copyFile(source, destination)
    }

    async write(path, data) {
      await this.createDirectory(path)
      await writeFile(path, data, 'utf8')
    }

    read(path) {
      return readFile(path, 'utf8')
    }

    delete(path) {
      return rm(path, { recursive: true, force: true })
    }

    async downloadToFile(url, path, options = {}) {
      const content = await download(url)
      requireHash(content, options.verifyHash)
      await this.createDirectory(path)
      await writeFile(path, content)
    }
  }
}

async function download(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}

function requireHash(content, expected) {
  if (!expected) return // Credo names a hash for every tails file; other downloads have none
  const actual = createHash(expected.algorithm).update(content).digest()
  if (!actual.equals(Buffer.from(expected.hash))) throw new Error('the downloaded file has another hash')
}

/** Credo's agent dependencies, with all files under `folder`. */
export function dependenciesUnder(folder) {
  return {
    FileSystem: fileSystemUnder(folder),
    EventEmitterClass: EventEmitter,
    WebSocketClass: WebSocket,
    fetch: globalThis.fetch,
  }
}
